-- Tells what has become of an update.
--
-- KEYS  the stream, the stream of dead letters
-- ARGV  the sequence, the position
--
-- Returns a list: 'queued', 'gone', 'lost', or 'dead' and the reason.
local stream, dead = KEYS[1], KEYS[2]
local incarnation, position = ARGV[1], ARGV[2]

local here = incarnation_of(stream) == incarnation
if here and #redis.call('XRANGE', stream, position, position) > 0 then
  return { 'queued' }
end
for _, letter in ipairs(redis.call('XRANGE', dead, '-', '+')) do
  local fields = letter[2]
  -- Ours come first: 'position', <where it stood>, 'reason', <why it is dead>, 'attempts', <how many>, 'sequence', <which>, …
  if fields[2] == position and fields[8] == incarnation then
    return { 'dead', fields[4] }
  end
end
return { here and 'gone' or 'lost' }
