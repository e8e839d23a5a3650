-- One bind: a JSON array of rows, each the array [type_id, identifier, description].
-- NULLIF, because early versions of MySQL 8 give a JSON null as the text null.
-- CHARACTER SET, because MariaDB would otherwise take the database's own, which may not hold every name.
-- ERROR ON ERROR, because a value that does not fit would otherwise become NULL unnoticed.
INSERT INTO airplane_type (
    type_id, identifier, description
)
SELECT
    j.type_id,
    NULLIF(j.identifier, 'null'),
    NULLIF(j.description, 'null')
FROM JSON_TABLE(?, '$[*]' COLUMNS (
    type_id int PATH '$[0]' ERROR ON ERROR,
    identifier varchar(50) CHARACTER SET utf8mb4 PATH '$[1]' ERROR ON ERROR,
    description varchar(1000) CHARACTER SET utf8mb4 PATH '$[2]' ERROR ON ERROR
)) AS j;
