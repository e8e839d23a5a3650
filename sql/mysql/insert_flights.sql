-- One bind: a JSON array of rows, each the array [flight_id, flightno, from, to, departure, arrival, airline_id,
-- airplane_id]. Times are text: YYYY-MM-DD HH:MM:SS.
-- CHARACTER SET, because MariaDB would otherwise take the database's own, which may not hold every name.
-- ERROR ON ERROR, because a value that does not fit would otherwise become NULL unnoticed.
INSERT INTO flight (
    flight_id, flightno, `from`, `to`, departure, arrival, airline_id, airplane_id
)
SELECT
    j.flight_id,
    j.flightno,
    j.`from`,
    j.`to`,
    j.departure,
    j.arrival,
    j.airline_id,
    j.airplane_id
FROM JSON_TABLE(?, '$[*]' COLUMNS (
    flight_id int PATH '$[0]' ERROR ON ERROR,
    flightno varchar(8) CHARACTER SET utf8mb4 PATH '$[1]' ERROR ON ERROR,
    `from` smallint PATH '$[2]' ERROR ON ERROR,
    `to` smallint PATH '$[3]' ERROR ON ERROR,
    departure varchar(19) CHARACTER SET utf8mb4 PATH '$[4]' ERROR ON ERROR,
    arrival varchar(19) CHARACTER SET utf8mb4 PATH '$[5]' ERROR ON ERROR,
    airline_id smallint PATH '$[6]' ERROR ON ERROR,
    airplane_id int PATH '$[7]' ERROR ON ERROR
)) AS j;
