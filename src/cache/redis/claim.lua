-- Puts a reader's lease over something unreadable, but only while that still stands: meanwhile another reader may have put a
-- good value there, or a writer his lease.
--
--   KEYS[1]  the key of the flight
--   ARGV[1]  the lease
--   ARGV[2]  for how many milliseconds
--   ARGV[3]  the unreadable text as it was seen; without it, the key was seen to hold another type, such as a list

local standing = redis.pcall('GET', KEYS[1])

-- Any error but that of another type is not ours to hide.
local is_another_type = type(standing) == 'table' and standing.err and standing.err:find('WRONGTYPE', 1, true)
if type(standing) == 'table' and not is_another_type then
  return standing
end

local is_unchanged
if ARGV[3] then
  is_unchanged = standing == ARGV[3]
else
  is_unchanged = is_another_type
end
if not is_unchanged then
  return 0
end

redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
