WHERE f.flight_id = ?
