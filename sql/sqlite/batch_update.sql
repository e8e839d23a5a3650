UPDATE flight SET departure = batch.value->>1, arrival = batch.value->>2
FROM json_each(?) AS batch
WHERE flight.flight_id = batch.value->>0
