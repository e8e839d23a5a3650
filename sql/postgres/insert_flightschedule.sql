-- One bind: a JSON array of rows, each the array [flightno, from, to, departure, arrival, airline_id, monday,
-- tuesday, wednesday, thursday, friday, saturday, sunday]. Times are text: HH:MM:SS. Weekdays are true or false.
INSERT INTO flightschedule (
    flightno, "from", "to", departure, arrival, airline_id, monday, tuesday, wednesday, thursday, friday,
    saturday, sunday
)
SELECT
    element.value->>0,
    (element.value->>1)::smallint,
    (element.value->>2)::smallint,
    (element.value->>3)::time,
    (element.value->>4)::time,
    (element.value->>5)::smallint,
    (element.value->>6)::boolean,
    (element.value->>7)::boolean,
    (element.value->>8)::boolean,
    (element.value->>9)::boolean,
    (element.value->>10)::boolean,
    (element.value->>11)::boolean,
    (element.value->>12)::boolean
FROM jsonb_array_elements($1::text::jsonb) AS element (value);
