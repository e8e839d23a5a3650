-- The dead letters whose flight's cache entry may still show them.
SELECT number, flight_id FROM dead_letters WHERE entry_dropped = 0 ORDER BY number LIMIT ?;
