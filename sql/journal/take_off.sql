DELETE FROM updates WHERE position = ?;
