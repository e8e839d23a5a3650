-- Reads updates in order. In one step with the test of the incarnation: positions mean nothing in another one.
--
-- KEYS  the stream
-- ARGV  the sequence, the position after which to begin, how many updates at most
local stream = KEYS[1]
local incarnation, position, limit = ARGV[1], ARGV[2], ARGV[3]

if incarnation_of(stream) ~= incarnation then
  return {}
end
-- '(' leaves the position itself out.
return redis.call('XRANGE', stream, '(' .. position, '+', 'COUNT', limit)
