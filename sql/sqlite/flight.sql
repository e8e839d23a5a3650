SELECT f.flight_id AS flight_id, RTRIM(f.flightno) AS flightno,
       COALESCE(NULLIF(origin.iata, ''), origin.icao) AS from_airport,
       COALESCE(NULLIF(destination.iata, ''), destination.icao) AS to_airport,
       COALESCE(airline.airlinename, airline.iata) AS airlinename,
       f.airline_id AS airline_id, f.airplane_id AS airplane_id,
       f.departure AS departure, f.arrival AS arrival
FROM flight f
JOIN airport origin ON origin.airport_id = f."from"
JOIN airport destination ON destination.airport_id = f."to"
JOIN airline ON airline.airline_id = f.airline_id
