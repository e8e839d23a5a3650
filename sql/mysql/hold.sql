-- Gives 1 when the name is ours, 0 when somebody else has held it for the two seconds. A name has 64 characters at most.
SELECT GET_LOCK(LEFT(CONCAT('cachedemo ', ?), 64), 2)
