-- Queues a dead letter's update again, and takes the letter away: both or neither.
--
-- KEYS  the stream, the hash of pending flights, the flight's cache entry, the note that this update was taken over, the
--       number of partitions, the stream of dead letters
-- ARGV  the letter, then as in enqueue.lua
local dead, letter = KEYS[6], ARGV[1]

if #redis.call('XRANGE', dead, letter, letter) == 0 then
  return { 'gone', letter }
end
-- The update was taken over once before, which is how it died: the note of that is not to keep it out.
local note, memory = redis.call('GET', KEYS[4]), ARGV[8]
redis.call('DEL', KEYS[4])
local taken = take(KEYS, unpack(ARGV, 2))
if taken[1] == 'queued' then
  redis.call('XDEL', dead, letter)
elseif note and memory ~= '0' then
  redis.call('SET', KEYS[4], note, 'PX', memory)
end
return taken
