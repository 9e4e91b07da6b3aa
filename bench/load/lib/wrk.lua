-- wrk's request and report. Arguments after `--`: method=, body= (a file), routes= (a number: then each request takes the next of so many paths).

function init(arguments)
  local options = {}
  for _, argument in ipairs(arguments) do
    local name, value = argument:match("^(%w+)=(.*)$")
    if name then options[name] = value end
  end
  wrk.method = options.method or "GET"
  if options.body then
    local file = assert(io.open(options.body, "rb"))
    wrk.body = file:read("*a")
    file:close()
  end
  if options.routes then
    walk(tonumber(options.routes))
  end
end

-- Goes through all routes in strides of a prime, so that neighbours in the table are not neighbours in time.
function walk(count)
  local requests, at = {}, 0
  for number = 1, count do
    requests[number] = wrk.format(nil, "/service-" .. number .. "/item")
  end
  request = function()
    at = (at + 7919) % count
    return requests[at + 1]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
