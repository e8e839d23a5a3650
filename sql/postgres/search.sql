WHERE f.flightno ILIKE CAST($1 AS text) ESCAPE '!' OR COALESCE(NULLIF(origin.iata, ''), origin.icao) ILIKE CAST($2 AS text) ESCAPE '!'
   OR origin.name ILIKE CAST($3 AS text) ESCAPE '!' OR COALESCE(airline.airlinename, airline.iata) ILIKE CAST($4 AS text) ESCAPE '!'
ORDER BY f.flight_id LIMIT CAST($5 AS bigint)
