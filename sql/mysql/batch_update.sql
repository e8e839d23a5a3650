UPDATE JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$[0]', departure DATETIME PATH '$[1]' ERROR ON ERROR,
  arrival DATETIME PATH '$[2]' ERROR ON ERROR)) AS batch
STRAIGHT_JOIN flight f FORCE INDEX (PRIMARY) ON f.flight_id = batch.id
SET f.departure = batch.departure, f.arrival = batch.arrival
