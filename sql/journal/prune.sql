-- The oldest only, and not too many: this keeps writers waiting.
DELETE FROM taken WHERE id IN (SELECT id FROM taken WHERE taken_at <= ? ORDER BY taken_at LIMIT ?);
