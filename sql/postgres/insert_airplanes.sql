-- One bind: a JSON array of rows, each the array [airplane_id, capacity, type_id, airline_id].
INSERT INTO airplane (
    airplane_id, capacity, type_id, airline_id
)
SELECT
    (element.value->>0)::integer,
    (element.value->>1)::integer,
    (element.value->>2)::integer,
    (element.value->>3)::integer
FROM jsonb_array_elements($1::text::jsonb) AS element (value);
