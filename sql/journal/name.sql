INSERT INTO incarnation (only_row, name) VALUES (1, ?);
