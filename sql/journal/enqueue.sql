-- Puts an update at the end, where three things hold in this very moment: the journal is laid out as the writer believes, it
-- has not taken this update over lately, and there is room. One statement, which is a transaction by itself.
--
-- How many updates wait is first told from the ends, which costs nothing; what was buried in the middle, or forgotten in one
-- partition and not in another, makes that too much. So before it is called full, it is counted.
INSERT INTO updates (partition, flight_id, update_id, body, acknowledged)
SELECT ?1, ?2, ?3, ?4, ?5
WHERE (SELECT partitions FROM incarnation) = ?6
  AND NOT EXISTS (SELECT 1 FROM taken WHERE id = ?3 AND taken_at > ?7)
  AND (
    coalesce((SELECT max(position) FROM updates) - (SELECT min(position) FROM updates) + 1, 0) < ?8
    OR (SELECT count(*) FROM updates) < ?8
  );
