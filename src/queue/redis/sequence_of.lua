-- Shared by the scripts of the queue: the name and the first position of a stream's sequence, or nil.
--
-- The name is that of a consumer group. Nobody ever reads through that group: it is used because it lives inside the
-- stream's key, and so is created, saved, restored and lost exactly together with the stream.
local function group_of(stream)
  if redis.call('EXISTS', stream) == 1 then
    for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
      -- A group is told as a list: 'name', <its name>, 'consumers', <how many>, …
      if string.find(group[2], '^incarnation%-') then
        return group
      end
    end
  end
  return nil
end

local function incarnation_of(stream)
  local group = group_of(stream)
  return group and group[2]
end

-- The first position of the sequence: the group was made there and never moves, for nobody reads through it.
local function first_of(stream)
  local group = group_of(stream)
  for at = 1, group and #group or 0, 2 do
    if group[at] == 'last-delivered-id' then
      return group[at + 1]
    end
  end
  return nil
end
