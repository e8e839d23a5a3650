-- Moves the offset over a batch, if all of it lies behind the offset. Waits for any other worker of this sequence; then tests
-- the offset that that one has left.
--
-- $4 the sequence, $5 the last position of the batch, $6 and $7 the parts of the first.
WITH fence AS (
    UPDATE cachedemo_offset SET position = $5
    WHERE queue = $4 AND (CAST(split_part(position, '-', 1) AS bigint), CAST(split_part(position, '-', 2) AS bigint)) < ($6, $7)
    RETURNING 1
),
