-- By the flight alone: that holds in every layout.
SELECT position, body FROM updates WHERE flight_id = ? ORDER BY position DESC LIMIT 1;
