-- Locks the flights of a batch and logs every step of the way: from where the row is, or from where an earlier update of the
-- same batch has put it. As many rows as updates, unless a flight is missing. In the order of the batch: a loop over it that
-- looks each flight up, which is what the join and the index are told for.
INSERT INTO flight_log (log_date, `user`, flight_id, flightno_old, flightno_new, from_old, to_old, from_new, to_new,
  departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, airline_id_new, comment)
SELECT batch.log_date, batch.author, f.flight_id, f.flightno, f.flightno, f.`from`, f.`to`, f.`from`, f.`to`,
       COALESCE(batch.departure_old, f.departure), COALESCE(batch.arrival_old, f.arrival), batch.departure_new, batch.arrival_new,
       f.airplane_id, f.airplane_id, f.airline_id, f.airline_id, batch.remark
FROM (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$[0]', log_date DATETIME PATH '$[1]' ERROR ON ERROR,
  author TEXT CHARACTER SET utf8mb4 PATH '$[2]' ERROR ON ERROR, departure_new DATETIME PATH '$[3]' ERROR ON ERROR,
  arrival_new DATETIME PATH '$[4]' ERROR ON ERROR, remark TEXT CHARACTER SET utf8mb4 PATH '$[5]' ERROR ON ERROR,
  departure_old DATETIME PATH '$[6]' ERROR ON ERROR, arrival_old DATETIME PATH '$[7]' ERROR ON ERROR)) AS listed) AS batch
STRAIGHT_JOIN flight f FORCE INDEX (PRIMARY) ON f.flight_id = batch.id
FOR UPDATE
