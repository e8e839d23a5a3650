-- One bind: a JSON array of rows, each the array [airport_id, iata, icao, name].
INSERT INTO airport (
    airport_id, iata, icao, name
)
SELECT
    value->>0,
    value->>1,
    value->>2,
    value->>3
FROM json_each(?);
