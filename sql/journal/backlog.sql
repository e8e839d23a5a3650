-- No row where the journal is laid out otherwise: then a partition of this number is another one.
SELECT
    (SELECT count(*) FROM updates WHERE partition = ?1),
    -- The plus sign keeps the partition out of the choice of an index: that of the flights holds all that this reads.
    (SELECT count(DISTINCT flight_id) FROM updates WHERE +partition = ?1),
    (SELECT acknowledged FROM updates WHERE partition = ?1 ORDER BY position LIMIT 1),
    (SELECT count(*) FROM dead_letters WHERE partition = ?1)
WHERE (SELECT partitions FROM incarnation) = ?2;
