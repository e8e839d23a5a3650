INSERT INTO flight_log (log_date, "user", flight_id, flightno_old, flightno_new, from_old, to_old, from_new, to_new,
  departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, airline_id_new, comment)
SELECT $1, 'bare', flight_id, flightno, flightno, "from", "to", "from", "to", departure, arrival, departure, arrival,
  airplane_id, airplane_id, airline_id, airline_id, NULL
FROM flight WHERE flight_id = $2
