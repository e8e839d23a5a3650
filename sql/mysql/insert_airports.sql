-- One bind: a JSON array of rows, each the array [airport_id, iata, icao, name].
-- NULLIF, because early versions of MySQL 8 give a JSON null as the text null.
-- CHARACTER SET, because MariaDB would otherwise take the database's own, which may not hold every name.
-- ERROR ON ERROR, because a value that does not fit would otherwise become NULL unnoticed.
INSERT INTO airport (
    airport_id, iata, icao, name
)
SELECT
    j.airport_id,
    NULLIF(j.iata, 'null'),
    j.icao,
    j.name
FROM JSON_TABLE(?, '$[*]' COLUMNS (
    airport_id smallint PATH '$[0]' ERROR ON ERROR,
    iata varchar(4) CHARACTER SET utf8mb4 PATH '$[1]' ERROR ON ERROR,
    icao varchar(4) CHARACTER SET utf8mb4 PATH '$[2]' ERROR ON ERROR,
    name varchar(50) CHARACTER SET utf8mb4 PATH '$[3]' ERROR ON ERROR
)) AS j;
