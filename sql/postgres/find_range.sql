WHERE f.flight_id BETWEEN CAST($1 AS bigint) AND CAST($2 AS bigint) ORDER BY f.flight_id LIMIT CAST($3 AS bigint)
