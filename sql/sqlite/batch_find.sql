SELECT f.flight_id
FROM json_each(?) AS batch
CROSS JOIN flight f ON f.flight_id = batch.value
