WHERE f.flightno LIKE ? ESCAPE '!'
   OR f.`from` IN (SELECT airport_id FROM airport WHERE COALESCE(NULLIF(iata, ''), icao) LIKE ? ESCAPE '!' OR name LIKE ? ESCAPE '!')
   OR f.airline_id IN (SELECT airline_id FROM airline WHERE COALESCE(airlinename, iata) LIKE ? ESCAPE '!')
ORDER BY f.flight_id LIMIT ?
