-- An update's note holds its position. Written before the first position of this stream, it is of a queue that was lost.
local function taken_before(stream, taken)
  local known = redis.call('GET', taken)
  local first = known and first_of(stream)
  if not first then
    return nil
  end
  local ms, number = string.match(known, '^(%d+)%-(%d+)$')
  local first_ms, first_number = string.match(first, '^(%d+)%-(%d+)$')
  local before = tonumber(ms) < tonumber(first_ms)
    or (ms == first_ms and tonumber(number) < tonumber(first_number))
  return not before and known or nil
end

-- Shared by the scripts of the queue: takes one update over, in one atomic step: the server runs a script as a whole, with no
-- other command in between. So nobody ever sees the update in the queue and not in the cache, or the other way round, and two
-- writers of one flight cannot end with one's value in the cache and the other's last in the queue.
--
-- Returns a list: what came of it, and a value that belongs to it:
--   'queued' <position>, 'known' <position>, 'full' <length>, 'layout' <the number of partitions that the queue has>
-- or the error of a command that was refused; then nothing is left behind.
local function take(keys, update, flight, id, ttl, room, partitions, memory, ending)
  local stream, pending, entry, taken, layout = keys[1], keys[2], keys[3], keys[4], keys[5]

  if redis.call('XLEN', stream) >= tonumber(room) then
    local known = taken_before(stream, taken)
    return known and { 'known', known } or { 'full', room }
  end

  -- The server gives the position ('*'): later updates have greater ones, even where its clock steps back.
  local position = redis.call('XADD', stream, 'NOMKSTREAM', '*', 'update', update, 'flight', flight)
  if not position then
    local there = other_layout(layout, partitions)
    if there then
      return { 'layout', there }
    end
    -- A stream that was trimmed to nothing still exists; one that does not is the first, or was wiped. Positions in it say
    -- nothing about an earlier one, so it gets a name of its own, which the chance in the update's id makes unique. What an
    -- earlier stream left pending is lost with it.
    drop_pending(pending, ending)
    local incarnation = 'incarnation-' .. redis.sha1hex(table.concat(redis.call('TIME'), '.') .. stream .. update)
    redis.call('SET', layout, partitions)
    position = redis.call('XADD', stream, '*', 'update', update, 'flight', flight)
    redis.call('XGROUP', 'CREATE', stream, incarnation, position)
    -- So is the note of this update, which may be of the very millisecond in which the new stream begins.
    redis.call('DEL', taken)
  end

  -- An update that was taken over before is not taken over again: its writer did not hear of it, or the command comes late.
  if memory ~= '0' and not redis.call('SET', taken, position, 'NX', 'PX', memory) then
    local known = taken_before(stream, taken)
    if known then
      redis.call('XDEL', stream, position)
      return { 'known', known }
    end
    redis.call('SET', taken, position, 'PX', memory)
  end

  -- Over whatever stands there: an older value, a lease (whose reader then settles nothing), or something foreign.
  local refused = redis.pcall('SET', entry, flight, 'PX', ttl)
  if not refused.err then
    -- Where the flight's latest update stands: the hash does not repeat the flight, for this runs at every acknowledgement.
    local added = redis.pcall('HSET', pending, id, position)
    if type(added) == 'number' then
      return { 'queued', position }
    end
    refused = added
  end

  -- A script is not rolled back by itself. A command can still be refused here where the account may not use it, or where
  -- the hash is something else; then the update must not stay behind in the queue, for its writer is told that it failed.
  redis.call('XDEL', stream, position)
  redis.call('DEL', entry, taken)
  return refused
end
