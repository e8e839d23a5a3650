-- One bind: a JSON array of rows, each the array [airline_id, iata, airlinename, base_airport].
INSERT INTO airline (
    airline_id, iata, airlinename, base_airport
)
SELECT
    value->>0,
    value->>1,
    value->>2,
    value->>3
FROM json_each(?);
