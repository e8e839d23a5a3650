SELECT count(*), count(DISTINCT flight_id), (SELECT acknowledged FROM updates ORDER BY position LIMIT 1) FROM updates;
