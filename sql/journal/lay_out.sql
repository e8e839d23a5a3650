-- Lays an empty journal out anew. One statement: nothing can be queued between the look and the change. Dead letters count,
-- for they belong to a partition too. Positions in the old layout mean nothing in the new one, so it gets a name of its own.
UPDATE incarnation
SET name = ?1, partitions = ?2
WHERE partitions <> ?2 AND NOT EXISTS (SELECT 1 FROM updates) AND NOT EXISTS (SELECT 1 FROM dead_letters);
