INSERT INTO incarnation (only_row, name, partitions) VALUES (1, ?, ?);
