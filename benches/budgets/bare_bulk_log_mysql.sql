INSERT INTO flight_log (log_date, `user`, flight_id, flightno_old, flightno_new, from_old, to_old, from_new, to_new,
  departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, airline_id_new, comment)
SELECT u.t, u.w, f.flight_id, f.flightno, f.flightno, f.`from`, f.`to`, f.`from`, f.`to`, f.departure, f.arrival, u.d, u.a,
  f.airplane_id, f.airplane_id, f.airline_id, f.airline_id, u.c
FROM JSON_TABLE(?, '$[*]' COLUMNS (i INT PATH '$[0]', d DATETIME PATH '$[1]', a DATETIME PATH '$[2]', t DATETIME PATH '$[3]',
  w VARCHAR(100) PATH '$[4]', c VARCHAR(200) PATH '$[5]')) u
STRAIGHT_JOIN flight f FORCE INDEX (PRIMARY) ON f.flight_id = u.i FOR UPDATE
