SELECT CAST(f.flight_id AS SIGNED) AS flight_id, RTRIM(f.flightno) AS flightno,
       (SELECT COALESCE(NULLIF(iata, ''), icao) FROM airport WHERE airport_id = f.`from`) AS from_airport,
       (SELECT COALESCE(NULLIF(iata, ''), icao) FROM airport WHERE airport_id = f.`to`) AS to_airport,
       (SELECT COALESCE(airlinename, iata) FROM airline WHERE airline_id = f.airline_id) AS airlinename,
       CAST(f.airline_id AS SIGNED) AS airline_id, CAST(f.airplane_id AS SIGNED) AS airplane_id, f.departure, f.arrival
FROM flight f
