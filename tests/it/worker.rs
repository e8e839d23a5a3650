//! Write-behind as its operator meets it: workers, poison, outages, a full queue, a lost one.
//!
//! Each test runs the program's own processes against real servers, and looks at what they left past the program.

mod asked;
mod at_least_once;
mod depot;
mod full;
mod lost;
mod outage;
mod poison;
mod retry;
mod signals;
mod unclear;
mod waiting;

use self::depot::Depot;
use crate::support::server::Kind;

/// Stamps a test for places: a database and the cache that the queue is in or beside.
macro_rules! stamp {
    ($($body:path as $name:ident),+ $(,)?) => {
        stamp!(@place mariadb_redis Some(Kind::MariaDb), Some(Kind::Redis); $($body as $name),+);
        stamp!(@place postgresql_valkey Some(Kind::Postgres), Some(Kind::Valkey); $($body as $name),+);
        stamp!(@place mysql_memcached Some(Kind::MySql), Some(Kind::Memcached); $($body as $name),+);
        stamp!(@place embedded None, None; $($body as $name),+);
    };
    (@place $place:ident $database:expr, $cache:expr; $($body:path as $name:ident),+) => {
        mod $place {
            use super::*;
            $(
                #[test]
                fn $name() {
                    let Some(depot) = Depot::start($database, $cache) else { return };
                    $body(depot);
                }
            )+
        }
    };
}

stamp! {
    poison::among_a_thousand as poison_goes_to_the_dead_letters_and_nothing_else_does,
    poison::replayed_and_purged as dead_letters_are_replayed_once_and_purged,
    waiting::until_it_is_there as an_update_that_waits_returns_when_the_database_has_it,
    waiting::not_yet as an_update_that_waits_in_vain_says_that_it_is_queued,
    full::refused as a_full_queue_refuses_and_drops_nothing,
    full::waited_for as a_writer_waits_for_room,
    lost::wiped as what_comes_after_a_lost_queue_is_applied,
    lost::behind_the_clock as a_new_queue_may_begin_before_where_the_old_one_ended,
    signals::idle as a_worker_ends_at_once_when_it_has_nothing_to_do,
    signals::partitions as partitions_are_shared_and_taken_over,
    outage::database as an_outage_of_the_database_is_waited_out,
    retry::known as an_update_that_is_sent_again_is_applied_once,
}

#[test]
fn sigterm_lets_the_batch_in_hand_finish_on_mariadb() {
    let Some(depot) = Depot::start(Some(Kind::MariaDb), Some(Kind::Redis)) else { return };
    signals::batch_in_hand(depot);
}

#[test]
fn sigterm_lets_the_batch_in_hand_finish_on_postgresql() {
    let Some(depot) = Depot::start(Some(Kind::Postgres), Some(Kind::Memcached)) else { return };
    signals::batch_in_hand(depot);
}

#[test]
fn without_an_offset_the_flight_is_right_on_mariadb() {
    let Some(depot) = Depot::start(Some(Kind::MariaDb), Some(Kind::Redis)) else { return };
    at_least_once::after_a_death(depot);
}

#[test]
fn without_an_offset_the_flight_is_right_on_mysql() {
    let Some(depot) = Depot::start(Some(Kind::MySql), Some(Kind::Memcached)) else { return };
    at_least_once::after_a_death(depot);
}

#[test]
fn without_an_offset_the_flight_is_right_on_postgresql() {
    let Some(depot) = Depot::start(Some(Kind::Postgres), Some(Kind::Valkey)) else { return };
    at_least_once::after_a_death(depot);
}

#[test]
fn a_read_only_database_is_an_outage_on_mariadb() {
    let Some(depot) = Depot::start(Some(Kind::MariaDb), Some(Kind::Redis)) else { return };
    unclear::replica(depot);
}

#[test]
fn an_outage_is_not_counted_against_an_update_on_mariadb() {
    let Some(depot) = Depot::start(Some(Kind::MariaDb), Some(Kind::Redis)) else { return };
    unclear::after_an_outage(depot);
}

#[test]
fn what_a_lost_stream_has_left_is_said_and_cleared_on_mariadb() {
    let Some(depot) = Depot::start(Some(Kind::MariaDb), Some(Kind::Redis)) else { return };
    lost::left_over(depot);
}

#[test]
fn a_read_only_database_is_an_outage_on_postgresql() {
    let Some(depot) = Depot::start(Some(Kind::Postgres), Some(Kind::Valkey)) else { return };
    unclear::replica(depot);
}

#[test]
fn an_outage_is_not_counted_against_an_update_on_postgresql() {
    let Some(depot) = Depot::start(Some(Kind::Postgres), Some(Kind::Valkey)) else { return };
    unclear::after_an_outage(depot);
}

#[test]
fn what_a_lost_stream_has_left_is_said_and_cleared_on_postgresql() {
    let Some(depot) = Depot::start(Some(Kind::Postgres), Some(Kind::Valkey)) else { return };
    lost::left_over(depot);
}

#[test]
fn a_purge_asks_and_drops_nothing_without_an_answer() {
    asked::before_a_purge();
}

#[test]
fn a_drain_takes_its_bar_away_before_it_tells() {
    asked::below_a_bar();
}
