INSERT INTO flight_log (log_date, "user", flight_id, flightno_old, flightno_new, from_old, to_old, from_new, to_new,
  departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, airline_id_new, comment)
SELECT CAST(batch.change->>1 AS timestamp), batch.change->>2, f.flight_id, f.flightno, f.flightno, f."from", f."to", f."from", f."to",
       CAST(batch.change->>3 AS timestamp), CAST(batch.change->>4 AS timestamp),
       CAST(batch.change->>5 AS timestamp), CAST(batch.change->>6 AS timestamp), f.airplane_id, f.airplane_id, f.airline_id, f.airline_id, batch.change->>7
FROM jsonb_array_elements(CAST($1 AS jsonb)) WITH ORDINALITY AS batch (change, place)
JOIN flight f ON f.flight_id = CAST(batch.change->>0 AS int)
ORDER BY batch.place
