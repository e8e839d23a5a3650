UPDATE JSON_TABLE(?, '$[*]' COLUMNS (i INT PATH '$[0]', d DATETIME PATH '$[1]', a DATETIME PATH '$[2]')) u
STRAIGHT_JOIN flight f FORCE INDEX (PRIMARY) ON f.flight_id = u.i SET f.departure = u.d, f.arrival = u.a
