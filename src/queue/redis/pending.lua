-- Reads the latest update of a flight that may not have reached the database.
--
-- KEYS  the stream, the hash of pending flights, the number of partitions
-- ARGV  the flight's id, how many partitions there are
--
-- Returns a list: the number of partitions where it is another, and the entries found.
local stream, pending, layout = KEYS[1], KEYS[2], KEYS[3]
local id, partitions = ARGV[1], ARGV[2]

local position = redis.call('HGET', pending, id)
if position then
  return { false, redis.call('XRANGE', stream, position, position) }
end
if redis.call('EXISTS', stream) == 0 then
  return { other_layout(layout, partitions) or false, {} }
end
return { false, {} }
