-- A whole batch in one statement, behind its fence, and so in one trip and one transaction: the rows and the audit.
--
-- $1 the updates, $2 the last times of each flight, $3 how many updates there are. Gives how many are logged: all, or none
-- where the fence is closed.
listed AS MATERIALIZED (
    SELECT CAST(change->>0 AS int) AS id, CAST(change->>1 AS timestamp) AS departure, CAST(change->>2 AS timestamp) AS arrival
    FROM jsonb_array_elements(CAST($2 AS jsonb)) AS element (change)
), locked AS (
    -- In one order for everybody, so that two batches never wait for each other. As an array, so that each row is found by its
    -- key: the planner would rather read a whole table of middling size.
    SELECT f.flight_id, f.flightno, f."from", f."to", f.departure, f.arrival, f.airplane_id, f.airline_id
    FROM flight f
    WHERE f.flight_id = ANY (ARRAY(SELECT id FROM listed)) AND EXISTS (SELECT 1 FROM fence)
    ORDER BY f.flight_id FOR UPDATE OF f
), moved AS (
    UPDATE flight f SET departure = listed.departure, arrival = listed.arrival
    FROM locked JOIN listed ON locked.flight_id = listed.id
    WHERE f.flight_id = locked.flight_id AND f.flight_id = ANY (ARRAY(SELECT id FROM listed))
), logged AS (
    -- Every step of the way: from where the row is, or from where an earlier update of the same batch has put it.
    INSERT INTO flight_log (log_date, "user", flight_id, flightno_old, flightno_new, from_old, to_old, from_new, to_new,
      departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, airline_id_new, comment)
    SELECT CAST(batch.change->>1 AS timestamp), batch.change->>2, f.flight_id, f.flightno, f.flightno, f."from", f."to", f."from", f."to",
           coalesce(CAST(batch.change->>6 AS timestamp), f.departure), coalesce(CAST(batch.change->>7 AS timestamp), f.arrival),
           CAST(batch.change->>3 AS timestamp), CAST(batch.change->>4 AS timestamp),
           f.airplane_id, f.airplane_id, f.airline_id, f.airline_id, batch.change->>5
    FROM jsonb_array_elements(CAST($1 AS jsonb)) WITH ORDINALITY AS batch (change, place)
    JOIN locked f ON f.flight_id = CAST(batch.change->>0 AS int)
    ORDER BY batch.place
    RETURNING 1
)
SELECT CASE
    WHEN total.logged = $3 THEN total.logged
    WHEN NOT EXISTS (SELECT 1 FROM fence) THEN 0
    -- A flight is missing: an error is what undoes a statement that is its own transaction.
    ELSE 1 / (total.logged - total.logged)
END
FROM (SELECT count(*) AS logged FROM logged) AS total
