-- Settles a lease: finishes what it announced, if it still stands. The server runs a script as one step, so that nothing
-- can happen between the look at the key and the change of it.
--
--   KEYS[1]  the key of the flight
--   ARGV[1]  my lease, exactly as I put it there
--   ARGV[2]  what is to take its place, and
--   ARGV[3]  for how many milliseconds; without the two, the key is left empty
--
-- The token is tested when the script *runs*: a settle that was given up at the client and runs late finds another token, and
-- does no harm.

local function is_write_lease(text)
  return text:match('^{"lease":"write%-%x+"}$') ~= nil
end

local standing = redis.pcall('GET', KEYS[1])

-- A list, a hash, …: not ours, so no lease. Any other error is not ours to hide.
local is_another_type = type(standing) == 'table' and standing.err and standing.err:find('WRONGTYPE', 1, true)
if type(standing) == 'table' and not is_another_type then
  return standing
end

-- Nothing stands there: the lease expired or was evicted. Nothing is to stand there.
if not standing then
  return 'vacant'
end

if standing == ARGV[1] then
  if ARGV[2] then
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    return 'put'
  end
  redis.call('UNLINK', KEYS[1])
  return 'deleted'
end

-- A reader leaves whatever replaced its lease: that knows at least as much. A writer leaves only a later writer's lease, who
-- will answer for the key in his turn.
if not is_write_lease(ARGV[1]) or (not is_another_type and is_write_lease(standing)) then
  return 'left'
end

-- A value, or the lease of a reader, that may predate my commit.
redis.call('UNLINK', KEYS[1])
return 'voided'
