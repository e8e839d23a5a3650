-- The first half of moving an update to the dead letters; `take_off.sql` is the other.
INSERT INTO dead_letters
    (incarnation, partition, position, flight_id, body, reason, attempts, buried_at, entry_dropped)
SELECT incarnation.name, partition, position, flight_id, body, ?4, ?5, ?6, 0
FROM updates, incarnation
WHERE incarnation.name = ?1 AND partition = ?2 AND position = ?3;
