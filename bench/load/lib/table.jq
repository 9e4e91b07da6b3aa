# The report as text: one table per scenario.

def fixed($places): if . == null then "" else
    (pow(10; $places)) as $scale | ((. * $scale | round) / $scale) as $value
    | ($value | tostring) as $text
    | if $places == 0 then $text
      else ($text | split(".")) as $parts | $parts[0] + "." + ((($parts[1] // "") + "000000")[:$places]) end
  end;
def left($width): . + (" " * ([$width - length, 0] | max) // "");
def right($width): (" " * ([$width - length, 0] | max) // "") + .;
def times: if . == null then "" else "×" + fixed(2) end;
def row($cells): ($cells[0] | left(22)) + ($cells[1:] | map(right(12)) | add);

def loads:
  row(["", "req/s", "×", "µs CPU/req", "×", "p50 ms", "p99 ms", "×", "RSS MiB", "×", "busy %"]),
  (.entrants[] | row([.name,
    (.median.rate | fixed(0)), (.ratio.rate | times), (.median.cpu | fixed(1)), (.ratio.cpu | times),
    (.median.p50 / 1000 | fixed(2)), (.median.p99 / 1000 | fixed(2)), (.ratio.p99 | times),
    (.median.rss / 1024 | fixed(1)), (.ratio.rss | times), (.median.busy | fixed(0))]));

def idles:
  row(["", "RSS MiB", "held MiB", "B/conn", "×"]),
  (.entrants[] | row([.name, (.median.startRss / 1024 | fixed(1)), (.median.rss / 1024 | fixed(1)), (.median.perConnection | fixed(0)), (.ratio.perConnection | times)]));

def starts:
  row(["", "ms", "×", "RSS MiB", "×"]),
  (.entrants[] | row([.name, (.median.startMillis | fixed(1)), (.ratio.startMillis | times), (.median.rss / 1024 | fixed(1)), (.ratio.rss | times)]));

def meaning: { cpu: "CPU per request", rate: "requests per second", p99: "p99", perConnection: "bytes per connection", startMillis: "ms to the first answer", rss: "resident memory" }[.];

def compared:
  "  \(.entrant)" + (if .base then " to \(.base)" else "" end) + ", \(.figure | meaning): "
  + (if .base then (.value | times) else (.value | fixed(0)) + (if .figure == "rss" then " KiB" else "" end) end)
  + (if .goal == null then "" else
      " (goal " + (if .figure == "rate" then "at least " else "at most " end) + (.goal | tostring) + (if .met then ": met)" else ": MISSED)" end) end);

"\(.machine.cpu), \(.machine.cores) cores, Linux \(.machine.kernel), \(.machine.system); \(.machine.versions | join(", "))",
"\(.options.rounds) interleaved rounds of \(.options.seconds) s; medians; × is to the first line, round by round; proxy on core \(.options.proxyCore), load and backend on core \(.options.loadCore)",
(.scenarios[] | "", "\(.name): \(.title)",
  (if .kind == "idle" then idles elif .kind == "start" then starts else loads end),
  (.comparisons[] | compared),
  (.invalid[] | "  !!! INVALID: \(.entrant): \(.reason)"))
