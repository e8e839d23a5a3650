SELECT pg_advisory_unlock(hashtextextended('cachedemo ' || CAST($1 AS text), 0))
