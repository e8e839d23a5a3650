-- One bind: a JSON array of rows, each the array [flightno, from, to, departure, arrival, airline_id, monday,
-- tuesday, wednesday, thursday, friday, saturday, sunday]. Times are text: HH:MM:SS. Weekdays are true or false.
INSERT INTO flightschedule (
    flightno, "from", "to", departure, arrival, airline_id, monday, tuesday, wednesday, thursday, friday,
    saturday, sunday
)
SELECT
    value->>0,
    value->>1,
    value->>2,
    value->>3,
    value->>4,
    value->>5,
    value->>6,
    value->>7,
    value->>8,
    value->>9,
    value->>10,
    value->>11,
    value->>12
FROM json_each(?);
