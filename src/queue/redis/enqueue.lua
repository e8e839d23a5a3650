-- Takes one update over: see take.lua.
--
-- KEYS  the stream, the hash of pending flights, the flight's cache entry, the note that this update was taken over, the
--       number of partitions
-- ARGV  the update without its flight, the flight (both JSON), the flight's id, how long the entry lives in ms, how many
--       updates the stream holds at most, how many partitions there are, how long the note lives in ms, what stands behind the
--       id in the key of an entry
return take(KEYS, unpack(ARGV))
