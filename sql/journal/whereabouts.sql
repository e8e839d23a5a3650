-- In one statement with the test of the incarnation, and of both tables at one moment: an update that is being buried
-- stands in exactly one of them. A dead letter outlives its incarnation.
SELECT
    name = ?1,
    EXISTS (SELECT 1 FROM updates WHERE position = ?2 AND partition = ?3),
    (SELECT reason FROM dead_letters WHERE position = ?2 AND partition = ?3 AND dead_letters.incarnation = ?1)
FROM incarnation;
