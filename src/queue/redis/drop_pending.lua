-- Shared by the scripts of the queue: drops what is pending, and the cache entries that show it, because it will never
-- reach the database. Returns the ids of the flights. `ending` is what stands behind the id in the key of an entry: a
-- cluster's hash tag, so that it is in the same slot as the rest.
local function drop_pending(pending, ending)
  local ids = redis.call('HKEYS', pending)
  for _, id in ipairs(ids) do
    -- Only numbers: a field that somebody else put there must not lead to a key that is not a flight's.
    if string.find(id, '^%d+$') then
      redis.call('DEL', 'flight:' .. id .. ending)
    end
  end
  redis.call('DEL', pending)
  return ids
end
