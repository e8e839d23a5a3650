INSERT INTO updates (flight_id, body, acknowledged) VALUES (?, ?, ?);
