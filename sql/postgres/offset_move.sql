UPDATE cachedemo_offset SET position = CAST($1 AS varchar) WHERE queue = CAST($2 AS varchar)
