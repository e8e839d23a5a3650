-- One bind: a JSON array of rows, each the array [airplane_id, capacity, type_id, airline_id].
INSERT INTO airplane (
    airplane_id, capacity, type_id, airline_id
)
SELECT
    value->>0,
    value->>1,
    value->>2,
    value->>3
FROM json_each(?);
