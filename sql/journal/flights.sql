SELECT DISTINCT flight_id FROM updates ORDER BY flight_id;
