WHERE f.flight_id = CAST($1 AS bigint)
