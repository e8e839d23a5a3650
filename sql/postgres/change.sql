WITH old AS (
  SELECT f.*, COALESCE(NULLIF(origin.iata, ''), origin.icao) AS from_airport,
         COALESCE(NULLIF(destination.iata, ''), destination.icao) AS to_airport,
         COALESCE(airline.airlinename, airline.iata) AS airlinename
  FROM flight f
  JOIN airport origin ON origin.airport_id = f."from"
  JOIN airport destination ON destination.airport_id = f."to"
  JOIN airline ON airline.airline_id = f.airline_id
  WHERE f.flight_id = CAST($1 AS bigint) FOR UPDATE OF f
), changed AS (
  UPDATE flight f SET departure = CAST($2 AS timestamp), arrival = CAST($3 AS timestamp) FROM old WHERE f.flight_id = old.flight_id
), logged AS (
  INSERT INTO flight_log (log_date, "user", flight_id, flightno_old, flightno_new, from_old, to_old, from_new, to_new,
  departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, airline_id_new, comment)
  SELECT CAST($4 AS timestamp), CAST($5 AS varchar), old.flight_id, old.flightno, old.flightno, old."from", old."to", old."from", old."to",
         old.departure, old.arrival, CAST($2 AS timestamp), CAST($3 AS timestamp), old.airplane_id, old.airplane_id, old.airline_id, old.airline_id, CAST($6 AS varchar)
  FROM old
)
SELECT CAST(flight_id AS bigint), RTRIM(flightno), from_airport, to_airport, airlinename,
       CAST(airline_id AS bigint), CAST(airplane_id AS bigint), CAST(departure AS timestamp), CAST(arrival AS timestamp)
FROM old
