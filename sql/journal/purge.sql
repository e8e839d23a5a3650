DELETE FROM dead_letters WHERE partition = ? AND number IN (SELECT value FROM json_each(?));
