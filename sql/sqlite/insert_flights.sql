-- One bind: a JSON array of rows, each the array [flight_id, flightno, from, to, departure, arrival, airline_id,
-- airplane_id]. Times are text: YYYY-MM-DD HH:MM:SS.
INSERT INTO flight (
    flight_id, flightno, "from", "to", departure, arrival, airline_id, airplane_id
)
SELECT
    value->>0,
    value->>1,
    value->>2,
    value->>3,
    value->>4,
    value->>5,
    value->>6,
    value->>7
FROM json_each(?);
