-- Drops the queue unapplied, and returns the ids of the flights whose updates are lost. The next update begins a new
-- incarnation.
--
-- KEYS  the stream, the hash of pending flights
-- ARGV  what stands behind the id in the key of an entry
local stream, pending = KEYS[1], KEYS[2]

local ids = drop_pending(pending, ARGV[1])
redis.call('DEL', stream)
return ids
