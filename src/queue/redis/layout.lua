-- Tells with how many partitions the queue is laid out; whoever asks first says so for all.
--
-- KEYS  the number of partitions
-- ARGV  how many partitions there are
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
