-- Waits; the account's statement_timeout ends the wait. Gives 1 when the name is ours.
SELECT CAST(1 AS bigint) FROM pg_advisory_lock(hashtextextended('cachedemo ' || CAST($1 AS text), 0))
