-- What both loads say at their end: a line "RESULT " and a JSON object. Given wrk's threads, answers wrk's `done`.

return function(threads)
  return function(summary, latency, _)
    local good, bad = 0, ""
    for _, thread in ipairs(threads) do
      good = good + thread:get("good")
      bad = thread:get("bad") or bad
    end
    local errors = summary.errors
    io.write(string.format('\nRESULT {"requests":%d,"duration_us":%d,"bytes":%d,"p50_us":%d,"p99_us":%d,"mean_us":%d,"good":%d,'
      .. '"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d,"bad":"%s"}\n',
      summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99), latency.mean, good,
      errors.connect, errors.read, errors.write, errors.status, errors.timeout,
      bad:gsub("[%c\\]", " "):gsub('"', "'")))
  end
end
