-- One bind: a JSON array of rows, each the array [flight_id, flightno, from, to, departure, arrival, airline_id,
-- airplane_id]. Times are text: YYYY-MM-DD HH:MM:SS.
INSERT INTO flight (
    flight_id, flightno, "from", "to", departure, arrival, airline_id, airplane_id
)
SELECT
    (element.value->>0)::integer,
    element.value->>1,
    (element.value->>2)::smallint,
    (element.value->>3)::smallint,
    (element.value->>4)::timestamp,
    (element.value->>5)::timestamp,
    (element.value->>6)::smallint,
    (element.value->>7)::integer
FROM jsonb_array_elements($1::text::jsonb) AS element (value);
