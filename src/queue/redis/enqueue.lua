-- Takes one update over, in one atomic step: the server runs a script as a whole, with no other command in between. So
-- nobody ever sees the update in the queue and not in the cache, or the other way round, and two writers of one flight
-- cannot end with one's value in the cache and the other's last in the queue.
--
-- KEYS  the stream, the hash of pending flights, the flight's cache entry
-- ARGV  the update without its flight, the flight (both JSON), the flight's id, how long the entry lives in ms
local stream, pending, entry = KEYS[1], KEYS[2], KEYS[3]
local update, flight, id, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

-- The server gives the position ('*'): later updates have greater ones, even where its clock steps back.
local position = redis.call('XADD', stream, 'NOMKSTREAM', '*', 'update', update, 'flight', flight)
if not position then
  -- A stream that was trimmed to nothing still exists; one that does not is the first, or was wiped. Positions in it say
  -- nothing about an earlier one, so it gets a name of its own, which the chance in the update's id makes unique. What an
  -- earlier stream left pending is lost with it.
  drop_pending(pending)
  local incarnation = 'incarnation-' .. redis.sha1hex(table.concat(redis.call('TIME'), '.') .. update)
  redis.call('XGROUP', 'CREATE', stream, incarnation, '$', 'MKSTREAM')
  position = redis.call('XADD', stream, '*', 'update', update, 'flight', flight)
end

-- Over whatever stands there: an older value, a lease (whose reader then settles nothing), or something foreign.
local refused = redis.pcall('SET', entry, flight, 'PX', ttl)
if not refused.err then
  -- Where the flight's latest update stands: the hash does not repeat the flight, for this runs at every acknowledgement.
  local added = redis.pcall('HSET', pending, id, position)
  if type(added) == 'number' then
    return position
  end
  refused = added
end

-- A script is not rolled back by itself. A command can still be refused here where the account may not use it, or where
-- the hash is something else; then the update must not stay behind in the queue, for its writer is told that it failed.
redis.call('XDEL', stream, position)
redis.call('DEL', entry)
return refused
