-- One bind: a JSON array of rows, each the array [flightno, from, to, departure, arrival, airline_id, monday,
-- tuesday, wednesday, thursday, friday, saturday, sunday]. Times are text: HH:MM:SS. Weekdays are true or false.
-- CHARACTER SET, because MariaDB would otherwise take the database's own, which may not hold every name.
-- ERROR ON ERROR, because a value that does not fit would otherwise become NULL unnoticed.
INSERT INTO flightschedule (
    flightno, `from`, `to`, departure, arrival, airline_id, monday, tuesday, wednesday, thursday, friday,
    saturday, sunday
)
SELECT
    j.flightno,
    j.`from`,
    j.`to`,
    j.departure,
    j.arrival,
    j.airline_id,
    j.monday,
    j.tuesday,
    j.wednesday,
    j.thursday,
    j.friday,
    j.saturday,
    j.sunday
FROM JSON_TABLE(?, '$[*]' COLUMNS (
    flightno varchar(8) CHARACTER SET utf8mb4 PATH '$[0]' ERROR ON ERROR,
    `from` smallint PATH '$[1]' ERROR ON ERROR,
    `to` smallint PATH '$[2]' ERROR ON ERROR,
    departure varchar(8) CHARACTER SET utf8mb4 PATH '$[3]' ERROR ON ERROR,
    arrival varchar(8) CHARACTER SET utf8mb4 PATH '$[4]' ERROR ON ERROR,
    airline_id smallint PATH '$[5]' ERROR ON ERROR,
    monday tinyint PATH '$[6]' ERROR ON ERROR,
    tuesday tinyint PATH '$[7]' ERROR ON ERROR,
    wednesday tinyint PATH '$[8]' ERROR ON ERROR,
    thursday tinyint PATH '$[9]' ERROR ON ERROR,
    friday tinyint PATH '$[10]' ERROR ON ERROR,
    saturday tinyint PATH '$[11]' ERROR ON ERROR,
    sunday tinyint PATH '$[12]' ERROR ON ERROR
)) AS j;
