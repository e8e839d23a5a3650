SELECT DISTINCT CAST(flight_id AS SIGNED) AS flight_id FROM flight_log WHERE log_date >= ? ORDER BY flight_id
