-- Logs every step of the way: from where the row is, or from where an earlier update of the same batch has put it. As many
-- rows as updates, unless a flight is missing.
INSERT INTO flight_log (log_date, "user", flight_id, flightno_old, flightno_new, from_old, to_old, from_new, to_new,
  departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, airline_id_new, comment)
SELECT batch.value->>1, batch.value->>2, f.flight_id, f.flightno, f.flightno, f."from", f."to", f."from", f."to",
       coalesce(batch.value->>6, f.departure), coalesce(batch.value->>7, f.arrival), batch.value->>3, batch.value->>4,
       f.airplane_id, f.airplane_id, f.airline_id, f.airline_id, batch.value->>5
FROM json_each(?) AS batch
CROSS JOIN flight f ON f.flight_id = batch.value->>0
ORDER BY batch.key
