SELECT CAST(log_date AS timestamp) AS log_date, "user", CAST(flight_id AS bigint) AS flight_id, CAST(departure_old AS timestamp) AS departure_old, CAST(arrival_old AS timestamp) AS arrival_old,
       CAST(departure_new AS timestamp) AS departure_new, CAST(arrival_new AS timestamp) AS arrival_new, comment
FROM flight_log WHERE flight_id = CAST($1 AS bigint) ORDER BY log_date DESC LIMIT CAST($2 AS bigint)
