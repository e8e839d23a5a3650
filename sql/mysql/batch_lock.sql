SELECT CAST(f.flight_id AS SIGNED), f.departure, f.arrival
FROM (SELECT id FROM JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$')) AS listed) AS batch
STRAIGHT_JOIN flight f FORCE INDEX (PRIMARY) ON f.flight_id = batch.id
ORDER BY f.flight_id FOR UPDATE
