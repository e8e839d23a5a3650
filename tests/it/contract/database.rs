//! What every database must do, whatever is behind the trait: one body for each sentence of its documentation, stamped for
//! every engine.

mod batches;
mod contention;
mod finding;
mod fixture;
mod foreign;
mod outages;
mod refusals;
mod restricted;
mod schema;
mod updates;

use cachedemo::database::DatabaseKind;

use self::fixture::Fixture;

/// Stamps tests: each body gets a database of its own with a few flights, without tables, or a server that it may kill.
macro_rules! stamp {
    (
        $engine:ident $kind:ident;
        filled [$($filled:path as $filled_name:ident),* $(,)?]
        empty [$($empty:path as $empty_name:ident),* $(,)?]
        alone [$($alone:path as $alone_name:ident),* $(,)?]
    ) => {
        mod $engine {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $filled_name() {
                    let Some(fixture) = Fixture::filled(DatabaseKind::$kind, 60).await else { return };
                    $filled(fixture).await;
                }
            )*
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $empty_name() {
                    let Some(fixture) = Fixture::empty(DatabaseKind::$kind) else { return };
                    $empty(fixture).await;
                }
            )*
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $alone_name() {
                    let Some(fixture) = Fixture::alone(DatabaseKind::$kind, 60).await else { return };
                    $alone(fixture).await;
                }
            )*
        }
    };
}

/// What every engine must do.
macro_rules! everywhere {
    ($($engine:ident $kind:ident),+) => { $(
        stamp! {
            $engine $kind;
            filled [
                finding::flight_one as every_field_of_a_flight_is_right_and_unpadded,
                finding::the_sample as every_flight_of_the_sample_reads_as_it_was_written,
                finding::nothing as an_absent_flight_is_none,
                finding::without_names as codes_stand_in_for_names_that_are_missing,
                finding::a_range as a_range_is_in_order_within_its_limit_and_across_gaps,
                finding::searched as a_search_finds_numbers_airports_and_airlines,
                finding::searched_as_shown as a_search_finds_the_codes_that_are_shown,
                finding::wildcards as a_search_takes_what_is_typed_literally,
                updates::committed as a_commit_changes_the_row_and_writes_one_complete_log_row,
                updates::comments as user_and_comment_are_kept_to_the_letter,
                updates::the_log as the_log_is_newest_first_and_limited,
                updates::changed_since as the_flights_that_changed_since_a_moment_are_told,
                updates::unseen as nothing_is_visible_before_the_commit,
                updates::undone as a_rollback_and_a_drop_leave_nothing,
                updates::absent as beginning_an_absent_flight_leaves_no_lock,
                contention::a_second_waits as a_second_update_of_a_flight_waits_for_the_first,
                contention::writers_at_once as writers_at_once_leave_an_unbroken_chain,
                contention::held_too_long as a_lock_held_too_long_ends_in_a_time_out,
                batches::the_first_offset as the_offset_of_a_new_queue_is_the_start,
                batches::first_offsets_at_once as workers_that_start_at_once_all_know_the_offset,
                batches::twice as a_batch_applied_twice_is_skipped,
                batches::partly_known as what_lies_behind_the_offset_is_skipped,
                batches::at_once as two_workers_at_once_apply_a_batch_once,
                batches::one_flight as several_updates_of_a_flight_are_one_change_and_a_chain,
                batches::incarnations as the_offset_belongs_to_the_incarnation,
                batches::untracked as an_untracked_batch_needs_no_table,
                batches::poisoned as an_absent_flight_poisons_its_batch_and_is_named,
                batches::comments as a_batch_keeps_user_and_comment_to_the_letter,
                batches::beside_an_update as a_batch_waits_for_an_update_of_its_flight,
                schema::filled_twice as a_second_init_is_refused_and_changes_nothing,
                schema::facts as nothing_is_wrong_with_a_whole_schema,
                schema::next_ids as ids_are_given_out_behind_those_of_the_sample,
            ]
            empty [
                schema::counts as init_gives_what_was_asked_for,
                schema::at_once as of_two_inits_at_once_one_is_done,
                schema::foreign_rows as init_never_touches_foreign_rows,
                schema::empty_tables as init_fills_tables_without_rows,
                schema::no_flights as init_without_flights_is_a_whole_schema,
                schema::every_statement as every_statement_is_accepted_and_used,
                batches::a_thousand as a_thousand_updates_are_one_batch,
                refusals::no_tables as missing_tables_are_told,
            ]
            alone []
        }
    )+ };
}

/// What only a server can do.
macro_rules! on_servers {
    ($($engine:ident $kind:ident),+) => { $(
        stamp! {
            $engine $kind;
            filled [
                contention::waiting_on_the_server as a_second_update_waits_in_the_server,
                contention::neighbours as other_flights_go_on_beside_a_locked_one,
                contention::left_alone as a_transaction_that_is_left_alone_is_ended_by_the_server,
                updates::too_long as what_does_not_fit_is_refused_whole,
                batches::too_long as a_batch_with_what_does_not_fit_is_refused_whole,
                refusals::wrong_password as a_wrong_password_is_refused,
                refusals::no_database as a_missing_database_is_told,
                refusals::without_encryption as a_password_is_accepted_without_encryption,
                outages::connections_ended as connections_that_the_server_ended_are_replaced,
                restricted::works as an_account_without_create_can_work_and_creates_nothing,
                restricted::blind_to_the_log as an_account_that_cannot_read_the_log_can_work,
                restricted::facts as the_facts_name_what_an_account_without_create_lacks,
                restricted::no_update as an_account_without_update_is_denied,
            ]
            empty [
                refusals::foreign_ports as another_protocol_is_an_error_and_no_hang,
                refusals::encryption as every_mode_of_encryption_does_what_it_says,
                refusals::unknown_host as an_unknown_host_is_unreachable,
                refusals::closed_port as a_closed_port_is_unreachable,
            ]
            alone [
                outages::killed_before_commit as a_commit_to_a_killed_server_has_an_unknown_outcome,
                outages::killed_while_idle as a_killed_server_is_unreachable_until_it_is_back,
                outages::stopped as a_stopped_server_times_out_until_it_goes_on,
                outages::stopped_before_commit as a_commit_to_a_stopped_server_has_an_unknown_outcome,
            ]
        }
    )+ };
}

everywhere!(sqlite Sqlite, mysql Mysql, mariadb Mariadb, postgresql Postgresql);

mod servers {
    use super::*;

    on_servers!(mysql Mysql, mariadb Mariadb, postgresql Postgresql);
}

mod files {
    use super::*;

    stamp! {
        sqlite Sqlite;
        filled [
            schema::created as a_file_is_created_whole_or_left_alone,
        ]
        empty [
            refusals::no_file as what_is_not_a_database_is_told,
        ]
        alone []
    }
}

mod loaded {
    use super::*;

    stamp! {
        postgresql Postgresql;
        filled []
        empty [
            foreign::by_pgloader as tables_loaded_by_pgloader_work,
        ]
        alone []
    }
}
