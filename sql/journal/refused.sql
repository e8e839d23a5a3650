-- Why `enqueue.sql` took nothing over: another layout, or an update that it knows. If neither, there is no room.
SELECT partitions, (SELECT position FROM taken WHERE id = ?1 AND taken_at > ?2) FROM incarnation;
