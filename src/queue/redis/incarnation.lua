-- Names the incarnation of the queue.
--
-- KEYS  the stream
-- ARGV  a name for a stream that has none, because somebody made it by hand; the word for a queue that does not exist
local stream, fresh, absent = KEYS[1], ARGV[1], ARGV[2]

if redis.call('EXISTS', stream) == 0 then
  return absent
end
local incarnation = incarnation_of(stream)
if not incarnation then
  redis.call('XGROUP', 'CREATE', stream, fresh, '$')
  incarnation = fresh
end
return incarnation
