-- One bind: a JSON array of rows, each the array [type_id, identifier, description].
INSERT INTO airplane_type (
    type_id, identifier, description
)
SELECT
    (element.value->>0)::integer,
    element.value->>1,
    element.value->>2
FROM jsonb_array_elements($1::text::jsonb) AS element (value);
