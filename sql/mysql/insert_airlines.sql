-- One bind: a JSON array of rows, each the array [airline_id, iata, airlinename, base_airport].
-- NULLIF, because early versions of MySQL 8 give a JSON null as the text null.
-- CHARACTER SET, because MariaDB would otherwise take the database's own, which may not hold every name.
-- ERROR ON ERROR, because a value that does not fit would otherwise become NULL unnoticed.
INSERT INTO airline (
    airline_id, iata, airlinename, base_airport
)
SELECT
    j.airline_id,
    j.iata,
    NULLIF(j.airlinename, 'null'),
    j.base_airport
FROM JSON_TABLE(?, '$[*]' COLUMNS (
    airline_id smallint PATH '$[0]' ERROR ON ERROR,
    iata varchar(2) CHARACTER SET utf8mb4 PATH '$[1]' ERROR ON ERROR,
    airlinename varchar(30) CHARACTER SET utf8mb4 PATH '$[2]' ERROR ON ERROR,
    base_airport smallint PATH '$[3]' ERROR ON ERROR
)) AS j;
