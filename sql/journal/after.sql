-- In one statement with the test of the incarnation: positions mean nothing in another one.
SELECT position, body
FROM updates
WHERE (SELECT name FROM incarnation) = ? AND partition = ? AND position > ?
ORDER BY position
LIMIT ?;
