WHERE f.flight_id BETWEEN ? AND ? ORDER BY f.flight_id LIMIT ?
