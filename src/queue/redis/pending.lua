-- Reads the latest update of a flight that may not have reached the database.
--
-- KEYS  the stream, the hash of pending flights
-- ARGV  the flight's id
local stream, pending = KEYS[1], KEYS[2]

local position = redis.call('HGET', pending, ARGV[1])
if not position then
  return {}
end
return redis.call('XRANGE', stream, position, position)
