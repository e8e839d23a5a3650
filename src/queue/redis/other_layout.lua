-- Shared by the scripts of the queue: the number of partitions that the queue was made with, where that is another than the
-- caller's; nil where they agree or there is no queue.
--
-- The streams of a layout exist only while it is in force: whoever lays the queue out anew deletes them. So only who does not
-- find its stream has to ask, and an acknowledgement does not pay for the question.
local function other_layout(layout, partitions)
  local there = redis.call('GET', layout)
  if there and there ~= partitions then
    return there
  end
  return nil
end
