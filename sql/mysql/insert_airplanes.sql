-- One bind: a JSON array of rows, each the array [airplane_id, capacity, type_id, airline_id].
-- ERROR ON ERROR, because a value that does not fit would otherwise become NULL unnoticed.
INSERT INTO airplane (
    airplane_id, capacity, type_id, airline_id
)
SELECT
    j.airplane_id,
    j.capacity,
    j.type_id,
    j.airline_id
FROM JSON_TABLE(?, '$[*]' COLUMNS (
    airplane_id int PATH '$[0]' ERROR ON ERROR,
    capacity int PATH '$[1]' ERROR ON ERROR,
    type_id int PATH '$[2]' ERROR ON ERROR,
    airline_id int PATH '$[3]' ERROR ON ERROR
)) AS j;
