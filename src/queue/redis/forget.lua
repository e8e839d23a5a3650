-- Forgets updates that the database has.
--
-- KEYS  the stream, the hash of pending flights
-- ARGV  the sequence, the first position to keep, then for each flight its id and the position of its last update
local stream, pending = KEYS[1], KEYS[2]
local incarnation, first_kept = ARGV[1], ARGV[2]

if incarnation_of(stream) ~= incarnation then
  return 0
end

-- A Lua call takes some thousands of arguments at most, so the flights go in portions of this many.
local PORTION = 1000
for first = 3, #ARGV, 2 * PORTION do
  local ids, positions = {}, {}
  for at = first, math.min(first + 2 * PORTION, #ARGV + 1) - 1, 2 do
    ids[#ids + 1] = ARGV[at]
    positions[#positions + 1] = ARGV[at + 1]
  end
  local applied = {}
  for index, value in ipairs(redis.call('HMGET', pending, unpack(ids))) do
    -- A newer update of the flight has put its own position there: then the flight stays pending.
    if value == positions[index] then
      applied[#applied + 1] = ids[index]
    end
  end
  if #applied > 0 then
    redis.call('HDEL', pending, unpack(applied))
  end
end

-- An empty stream stays, and with it its incarnation and the last position that it gave.
return redis.call('XTRIM', stream, 'MINID', first_kept)
