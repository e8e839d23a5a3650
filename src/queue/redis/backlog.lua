-- Tells what waits, at one moment.
--
-- KEYS  the stream, the hash of pending flights
local stream, pending = KEYS[1], KEYS[2]

local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
-- false, not nil: a nil would end the list, false is sent as nothing.
return { redis.call('XLEN', stream), redis.call('HLEN', pending), oldest and oldest[1] or false }
