-- Makes an entry of the queue a dead letter.
--
-- KEYS  the stream, the hash of pending flights, the stream of dead letters
-- ARGV  the sequence, the position of the entry, the reason, how often it was tried, what stands behind the id in the key
--       of a cache entry
local stream, pending, dead = KEYS[1], KEYS[2], KEYS[3]
local incarnation, position, reason, attempts, ending = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

if incarnation_of(stream) ~= incarnation then
  return 0
end
local entry = redis.call('XRANGE', stream, position, position)[1]
if not entry then
  return 0
end

-- What was queued is kept as it is, whatever it is. A Lua call takes some thousands of arguments at most.
redis.call('XADD', dead, '*', 'position', position, 'reason', reason, 'attempts', attempts, 'sequence', incarnation,
  unpack(entry[2], 1, math.min(#entry[2], 2000)))
redis.call('XDEL', stream, position)

-- Whose latest update was that? One that cannot be read does not say whose it is.
local cursor = '0'
repeat
  local found = redis.call('HSCAN', pending, cursor, 'COUNT', 1000)
  cursor = found[1]
  for at = 1, #found[2], 2 do
    local id = found[2][at]
    if found[2][at + 1] == position then
      redis.call('HDEL', pending, id)
      -- It shows what the database will never have; and a reader's lease there may be about to store it.
      if string.find(id, '^%d+$') then
        redis.call('DEL', 'flight:' .. id .. ending)
      end
    end
  end
until cursor == '0'
return 1
