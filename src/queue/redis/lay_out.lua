-- Lays the queue out with another number of partitions, where nothing waits and nothing is dead. Deleting the old streams
-- is what tells the processes that still know the old number: they look for a stream that is gone, and ask.
--
-- KEYS  the number of partitions, then for each partition of the old layout its stream, its hash, its dead letters; on a
--       cluster those of one partition, or none where the old layout does not have it
-- ARGV  the number of partitions that the old layout has, the new number
local layout = KEYS[1]
local old, new = ARGV[1], ARGV[2]

local there = redis.call('GET', layout)
-- Somebody else was quicker.
if there == new then
  return 1
end
if there and there ~= old then
  return 0
end
for at = 2, #KEYS, 3 do
  -- What is pending without a stream is lost: it waits for nothing.
  if redis.call('XLEN', KEYS[at]) > 0 or redis.call('XLEN', KEYS[at + 2]) > 0 then
    return 0
  end
end
for at = 2, #KEYS, 3 do
  redis.call('DEL', KEYS[at], KEYS[at + 1], KEYS[at + 2])
end
redis.call('SET', layout, new)
return 1
