UPDATE flight SET departure = j.value->>1, arrival = j.value->>2
FROM json_each(?) j WHERE flight.flight_id = j.value->>0
