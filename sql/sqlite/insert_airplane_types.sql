-- One bind: a JSON array of rows, each the array [type_id, identifier, description].
INSERT INTO airplane_type (
    type_id, identifier, description
)
SELECT
    value->>0,
    value->>1,
    value->>2
FROM json_each(?);
