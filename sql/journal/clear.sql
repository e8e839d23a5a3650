DELETE FROM updates;
