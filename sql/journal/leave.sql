DELETE FROM workers WHERE name = ?;
