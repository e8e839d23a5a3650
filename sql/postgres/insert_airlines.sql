-- One bind: a JSON array of rows, each the array [airline_id, iata, airlinename, base_airport].
INSERT INTO airline (
    airline_id, iata, airlinename, base_airport
)
SELECT
    (element.value->>0)::smallint,
    element.value->>1,
    element.value->>2,
    (element.value->>3)::smallint
FROM jsonb_array_elements($1::text::jsonb) AS element (value);
