SELECT CAST(f.flight_id AS bigint)
FROM json_array_elements_text(CAST($1 AS json)) AS batch (id)
JOIN flight f ON f.flight_id = CAST(batch.id AS int)
