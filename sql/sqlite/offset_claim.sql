INSERT INTO cachedemo_offset (queue, position) VALUES (?, '0-0')
ON CONFLICT (queue) DO NOTHING
