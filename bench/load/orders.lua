-- Pushes new orders as fast as the server takes them. Arguments, after wrk's own `--`, as name=value:
--   keys    a file with one Authorization header a line; requests take them in turn, or each thread its own
--   spread  "turn" or "thread"
--   items   orders in one request
--   known   how many customers are already there: 70 % of the orders are theirs, 30 % come from new ones
--   run     a small number that tells the runs in one database apart
--   check   "yes": read every answer and count the successes in it. That costs CPU, so only the warm-up does it;
--           in a measured run the count of stored orders is the proof.
--   pause   milliseconds that a connection waits on average before it sends, also the first time: from none to twice as
--           long, so that requests come one by one; none if not given
-- The last line printed is "RESULT " and a JSON object.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  thread:set("good", 0)
  table.insert(threads, thread)
end

local format, random, concat = string.format, math.random, table.concat
local heads, turn, settings, serial = {}, 0, {}, 0

local ORDER = '{"customer_name":"Customer %.0f","phone":"%.0f","email_id":"c%.0f@example.com",'
  .. '"create_date":"2026-05-%02d %02d:%02d","address":"12 Lake View Road, Bengaluru","zip_code":"560001",'
  .. '"payment_mode":"cash","order_status":"AP","order_type":"web","grand_total":"%d","erp_order_id":"SO-%.0f",'
  .. '"product_details":[{"sku_id":"LAMP-100","product_name":"Desk lamp, brushed steel","rate":"%d","quantity":"%d",'
  .. '"discount":"0"},{"sku_id":"BULB-7W","product_name":"LED bulb 7 W, warm white","rate":"%d","quantity":"1",'
  .. '"discount":"0"}]}'

local function order()
  local unique = (settings.run * 64 + number) * 1e7 + serial
  local customer, phone
  if random(100) <= 70 then
    customer = random(settings.known)
    phone = 9800000000 + customer
  else
    customer = unique
    phone = 9000000000 + settings.run % 2 * 4e8 + number % 8 * 5e7 + math.floor(settings.run / 2) * 2e6 + serial
  end
  serial = serial + 1
  local first, second, quantity = random(100, 999), random(100, 999), random(3)
  return format(ORDER, customer, phone, customer, random(28), random(10, 23), random(0, 59),
    first * quantity + second, unique, first, quantity, second)
end

function init(args)
  for _, argument in ipairs(args) do
    local name, value = argument:match("^(%w+)=(.*)$")
    settings[name] = tonumber(value) or value
  end
  math.randomseed(settings.run * 1000 + number)
  for key in io.lines(settings.keys) do
    table.insert(heads, "POST " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
      .. "\r\nContent-Type: application/json\r\nAuthorization: " .. key .. "\r\nContent-Length: ")
  end
  if settings.check == "yes" then
    response = checked
  end
  if (settings.pause or 0) > 0 then
    delay = function() return random(0, 2 * settings.pause) end
  end
end

function request()
  local pieces = {}
  for index = 1, settings.items do
    pieces[index] = order()
  end
  local body = "[" .. concat(pieces, ",") .. "]"
  turn = settings.spread == "thread" and number or turn + 1
  return heads[turn % #heads + 1] .. #body .. "\r\n\r\n" .. body
end

function checked(status, headers, body)
  local _, found = body:gsub('"status": ?"success"', "")
  good = good + found
  if found < settings.items and not bad then
    bad = status .. " " .. body:sub(1, 600)
  end
end

-- wrk says at the end how it went; the file of that stands beside this one.
done = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "result.lua")(threads)
