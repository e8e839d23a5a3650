SELECT position FROM cachedemo_offset WHERE queue = CAST($1 AS varchar)
