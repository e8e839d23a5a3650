SELECT DISTINCT flight_id FROM flight_log WHERE log_date >= ? ORDER BY flight_id
