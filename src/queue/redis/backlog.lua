-- Tells what waits, at one moment.
--
-- KEYS  the stream, the hash of pending flights, the stream of dead letters, the number of partitions
-- ARGV  how many partitions there are
--
-- Returns a list: the number of partitions where it is another, updates, flights, dead letters, for how many ms the oldest
-- update has waited.
local stream, pending, dead, layout = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local other = redis.call('EXISTS', stream) == 0 and other_layout(layout, ARGV[1])

local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
-- false, not nil: a nil would end the list, false is sent as nothing.
local age = false
if oldest then
  -- A position begins with the server's clock, so only the server's clock can tell the age.
  local now = redis.call('TIME')
  age = math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(string.match(oldest[1], '^%d+')))
end
return { other or false, redis.call('XLEN', stream), redis.call('HLEN', pending), redis.call('XLEN', dead), age }
