INSERT INTO cachedemo_offset (queue, position) VALUES (CAST($1 AS varchar), '0-0')
ON CONFLICT (queue) DO NOTHING
