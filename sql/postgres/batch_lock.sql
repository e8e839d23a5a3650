SELECT CAST(f.flight_id AS bigint), CAST(f.departure AS timestamp), CAST(f.arrival AS timestamp)
FROM flight f
JOIN jsonb_array_elements_text(CAST($1 AS jsonb)) AS batch (id) ON f.flight_id = CAST(batch.id AS int)
ORDER BY f.flight_id FOR UPDATE OF f
