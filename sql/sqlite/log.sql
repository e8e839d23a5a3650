SELECT log_date AS log_date, "user", flight_id AS flight_id, departure_old AS departure_old, arrival_old AS arrival_old,
       departure_new AS departure_new, arrival_new AS arrival_new, comment
FROM flight_log WHERE flight_id = ? ORDER BY log_date DESC LIMIT ?
