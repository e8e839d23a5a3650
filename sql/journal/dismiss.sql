DELETE FROM workers WHERE until <= ?;
