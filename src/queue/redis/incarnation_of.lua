-- Shared by the scripts of the queue: the incarnation of a stream, or nil.
--
-- The name is that of a consumer group. Nobody ever reads through that group: it is used because it lives inside the
-- stream's key, and so is created, saved, restored and lost exactly together with the stream.
local function incarnation_of(stream)
  if redis.call('EXISTS', stream) == 0 then
    return nil
  end
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    -- A group is told as a list: 'name', <its name>, 'consumers', <how many>, …
    if string.find(group[2], '^incarnation%-') then
      return group[2]
    end
  end
  return nil
end
