SELECT number, position, body, reason, attempts, buried_at
FROM dead_letters
WHERE (SELECT partitions FROM incarnation) = ? AND partition = ? AND number > ?
ORDER BY number
LIMIT ?;
