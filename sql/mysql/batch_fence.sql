-- Moves the offset over a batch, if all of it lies behind the offset: one row, or none. Holds the row until the end of the
-- transaction, which keeps every other worker of this sequence out.
UPDATE cachedemo_offset
SET position = ?
WHERE queue = ?
  AND (CAST(SUBSTRING_INDEX(position, '-', 1) AS UNSIGNED) < ?
    OR CAST(SUBSTRING_INDEX(position, '-', 1) AS UNSIGNED) = ? AND CAST(SUBSTRING_INDEX(position, '-', -1) AS UNSIGNED) < ?)
