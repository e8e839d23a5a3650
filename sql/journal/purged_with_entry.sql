-- Of the letters that are about to go, the flights whose cache entry may still show one of them.
SELECT DISTINCT flight_id
FROM dead_letters
WHERE partition = ? AND number IN (SELECT value FROM json_each(?)) AND entry_dropped = 0;
