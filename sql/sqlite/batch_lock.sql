SELECT f.flight_id, f.departure, f.arrival
FROM json_each(?) AS batch
CROSS JOIN flight f ON f.flight_id = batch.value
ORDER BY f.flight_id
