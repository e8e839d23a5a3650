-- One bind: a JSON array of rows, each the array [airport_id, iata, icao, name].
INSERT INTO airport (
    airport_id, iata, icao, name
)
SELECT
    (element.value->>0)::smallint,
    element.value->>1,
    element.value->>2,
    element.value->>3
FROM jsonb_array_elements($1::text::jsonb) AS element (value);
