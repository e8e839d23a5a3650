SELECT CAST(f.flight_id AS bigint) AS flight_id, RTRIM(f.flightno) AS flightno,
       COALESCE(NULLIF(origin.iata, ''), origin.icao) AS from_airport,
       COALESCE(NULLIF(destination.iata, ''), destination.icao) AS to_airport,
       COALESCE(airline.airlinename, airline.iata) AS airlinename,
       CAST(f.airline_id AS bigint) AS airline_id, CAST(f.airplane_id AS bigint) AS airplane_id,
       CAST(f.departure AS timestamp) AS departure, CAST(f.arrival AS timestamp) AS arrival
FROM flight f
JOIN airport origin ON origin.airport_id = f."from"
JOIN airport destination ON destination.airport_id = f."to"
JOIN airline ON airline.airline_id = f.airline_id
