SELECT CAST(f.flight_id AS SIGNED)
FROM JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$')) AS batch
STRAIGHT_JOIN flight f FORCE INDEX (PRIMARY) ON f.flight_id = batch.id
