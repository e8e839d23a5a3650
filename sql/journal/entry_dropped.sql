UPDATE dead_letters SET entry_dropped = 1 WHERE number = ?;
