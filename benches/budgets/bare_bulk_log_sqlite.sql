INSERT INTO flight_log (log_date, "user", flight_id, flightno_old, flightno_new, from_old, to_old, from_new, to_new,
  departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, airline_id_new, comment)
SELECT j.value->>3, j.value->>4, f.flight_id, f.flightno, f.flightno, f."from", f."to", f."from", f."to", f.departure, f.arrival,
  j.value->>1, j.value->>2, f.airplane_id, f.airplane_id, f.airline_id, f.airline_id, j.value->>5
FROM json_each(?) j CROSS JOIN flight f ON f.flight_id = j.value->>0
