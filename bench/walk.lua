-- wrk script: each request fetches another phone. Arguments: file of lines "path mac", round.

local threads = 0

function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

function init(args)
  phones = {}
  for line in io.lines(args[1]) do
    local path, mac = line:match("^(%S+) (%S+)$")
    phones[#phones + 1] = {path, mac}
  end
  round = tonumber(args[2])
  passes = 0
  -- The threads begin in different places and never ask in the same name.
  at = math.floor(#phones / 2) * id
end

function request()
  at = at + 1
  if at > #phones then
    at = 1
    passes = passes + 1
  end
  local phone = phones[at]
  local version = string.format("66.%d.%d.%d", round, id, passes)
  return wrk.format("GET", phone[1], {["User-Agent"] = "Yealink SIP-T46S " .. version .. " " .. phone[2]})
end
