WHERE f.flightno LIKE ? ESCAPE '!' OR COALESCE(NULLIF(origin.iata, ''), origin.icao) LIKE ? ESCAPE '!' OR origin.name LIKE ? ESCAPE '!'
   OR COALESCE(airline.airlinename, airline.iata) LIKE ? ESCAPE '!'
ORDER BY f.flight_id LIMIT ?
