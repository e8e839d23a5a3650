DELETE FROM dead_letters WHERE partition = ? AND number = ?;
