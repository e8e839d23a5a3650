UPDATE flight f
SET departure = CAST(batch.change->>1 AS timestamp), arrival = CAST(batch.change->>2 AS timestamp)
FROM jsonb_array_elements(CAST($1 AS jsonb)) AS batch (change)
WHERE f.flight_id = CAST(batch.change->>0 AS int)
