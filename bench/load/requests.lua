-- Sends the requests of a file in turn, beginning anywhere in it. Arguments, after wrk's own `--`, as name=value:
--   requests  a file of whole HTTP requests, each followed by a NUL
--   mark      a text that stands in a good answer ...
--   marks     ... exactly so many times
--   check     "yes": read every answer and count the good ones. That costs CPU, so only the warm-up does it; in a
--             measured run the length of the answers is the proof.
-- The last line printed is "RESULT " and a JSON object.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  thread:set("good", 0)
  table.insert(threads, thread)
end

local requests, turn, settings = {}, 0, {}

function init(args)
  for _, argument in ipairs(args) do
    local name, value = argument:match("^(%w+)=(.*)$")
    settings[name] = tonumber(value) or value
  end
  local file = assert(io.open(settings.requests, "rb"))
  for one in file:read("*a"):gmatch("([^%z]+)%z") do
    table.insert(requests, one)
  end
  file:close()
  math.randomseed(os.time() + number)
  turn = math.random(#requests)
  if settings.check == "yes" then
    response = checked
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function checked(status, headers, body)
  local found, at = 0, 1
  while true do
    local first, last = body:find(settings.mark, at, true)
    if not first then break end
    found, at = found + 1, last + 1
  end
  if status == 200 and found == settings.marks then
    good = good + 1
  elseif not bad then
    bad = status .. " " .. body:sub(1, 600)
  end
end

-- wrk says at the end how it went; the file of that stands beside this one.
done = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "result.lua")(threads)
