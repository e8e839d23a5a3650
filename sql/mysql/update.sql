UPDATE flight SET departure = ?, arrival = ? WHERE flight_id = ?
