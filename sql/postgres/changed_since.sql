SELECT DISTINCT CAST(flight_id AS bigint) AS flight_id FROM flight_log
WHERE CAST(log_date AS timestamp) >= CAST($1 AS timestamp) ORDER BY flight_id
