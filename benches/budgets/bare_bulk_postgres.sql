WITH u AS (
  SELECT * FROM unnest($1::int[], $2::timestamp[], $3::timestamp[], $4::timestamp[], $5::text[], $6::text[]) u (i, d, a, t, w, c)
), o AS (SELECT f.*, u.* FROM flight f JOIN u ON u.i = f.flight_id ORDER BY f.flight_id FOR UPDATE OF f),
w AS (UPDATE flight f SET departure = o.d, arrival = o.a FROM o WHERE f.flight_id = o.flight_id)
INSERT INTO flight_log (log_date, "user", flight_id, flightno_old, flightno_new, from_old, to_old, from_new, to_new,
  departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, airline_id_new, comment)
SELECT o.t, o.w, o.flight_id, o.flightno, o.flightno, o."from", o."to", o."from", o."to", o.departure, o.arrival, o.d, o.a,
  o.airplane_id, o.airplane_id, o.airline_id, o.airline_id, o.c
FROM o
