-- Drops what is pending though the stream with the updates is gone: they are lost. Returns how many flights these are.
--
-- KEYS  the stream, the hash of pending flights
-- ARGV  what stands behind the id in the key of an entry
local stream, pending = KEYS[1], KEYS[2]

if redis.call('EXISTS', stream) == 1 then
  return 0
end
return #drop_pending(pending, ARGV[1])
