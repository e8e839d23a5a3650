-- Notes that a worker is there, and tells who else is. By the server's clock, so that the workers' need not agree.
--
-- KEYS  the workers
-- ARGV  the worker's name, for how many ms it is there
local workers = KEYS[1]
local name, lasting = ARGV[1], ARGV[2]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', workers, '-inf', now)
redis.call('ZADD', workers, now + lasting, name)
return redis.call('ZRANGE', workers, 0, -1)
