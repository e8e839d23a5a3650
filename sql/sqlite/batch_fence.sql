-- Moves the offset over a batch, if all of it lies behind the offset: one row, or none.
UPDATE cachedemo_offset
SET position = ?
WHERE queue = ?
  AND (CAST(substr(position, 1, instr(position, '-') - 1) AS INTEGER) < ?
    OR CAST(substr(position, 1, instr(position, '-') - 1) AS INTEGER) = ? AND CAST(substr(position, instr(position, '-') + 1) AS INTEGER) < ?)
