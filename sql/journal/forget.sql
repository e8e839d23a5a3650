DELETE FROM updates WHERE (SELECT name FROM incarnation) = ? AND partition = ? AND position <= ?;
