INSERT INTO flight_log (log_date, `user`, flight_id, flightno_old, flightno_new, from_old, to_old, from_new, to_new,
  departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, airline_id_new, comment)
SELECT batch.log_date, batch.author, f.flight_id, f.flightno, f.flightno, f.`from`, f.`to`, f.`from`, f.`to`,
       batch.departure_old, batch.arrival_old, batch.departure_new, batch.arrival_new, f.airplane_id, f.airplane_id, f.airline_id, f.airline_id, batch.remark
FROM JSON_TABLE(?, '$[*]' COLUMNS (place FOR ORDINALITY, id INT PATH '$[0]', log_date DATETIME PATH '$[1]' ERROR ON ERROR,
  author TEXT CHARACTER SET utf8mb4 PATH '$[2]' ERROR ON ERROR, departure_old DATETIME PATH '$[3]' ERROR ON ERROR,
  arrival_old DATETIME PATH '$[4]' ERROR ON ERROR, departure_new DATETIME PATH '$[5]' ERROR ON ERROR,
  arrival_new DATETIME PATH '$[6]' ERROR ON ERROR, remark TEXT CHARACTER SET utf8mb4 PATH '$[7]' ERROR ON ERROR)) AS batch
STRAIGHT_JOIN flight f FORCE INDEX (PRIMARY) ON f.flight_id = batch.id
ORDER BY batch.place
