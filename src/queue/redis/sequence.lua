-- Names the sequence of positions of a partition.
--
-- KEYS  the stream, the number of partitions
-- ARGV  a name for a stream that has none, because somebody made it by hand; how many partitions there are
--
-- Returns a list: the number of partitions where it is another, and the name, if there is a stream.
local stream, layout = KEYS[1], KEYS[2]
local fresh, partitions = ARGV[1], ARGV[2]

if redis.call('EXISTS', stream) == 0 then
  return { other_layout(layout, partitions) or false, false }
end
local incarnation = incarnation_of(stream)
if not incarnation then
  redis.call('XGROUP', 'CREATE', stream, fresh, '0')
  incarnation = fresh
end
return { false, incarnation }
