WHERE f.flight_id = ? FOR UPDATE
