# The machine, the JSON report and the table.

describe_machine() {
  local versions=() cpu system
  cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
  system=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)
  ! has_contestant nginx || versions+=("$(nginx -v 2>&1 | sed 's/^nginx version: //')")
  ! has_contestant haproxy || versions+=("haproxy/$(haproxy -v | sed -n '1s/^HAProxy version \([^ ]*\).*/\1/p')")
  ! has_contestant portcullis || versions+=("portcullis/$(git -C "$REPOSITORY" describe --always --dirty 2> /dev/null || echo unknown)")
  jq -nc --arg cpu "$cpu" --argjson cores "$(nproc --all)" --arg kernel "$(uname -r)" --arg system "$system" --arg time "$(date -u +%FT%TZ)" \
    --arg load "$(cut -d ' ' -f 1-3 /proc/loadavg)" \
    '{cpu: $cpu, cores: $cores, kernel: $kernel, system: $system, time: $time, loadAverageBefore: $load, versions: $ARGS.positional}' --args "${versions[@]}"
}

describe_options() {
  jq -nc --argjson rounds "$ROUNDS" --argjson seconds "$SECONDS_PER_ROUND" --argjson warmUp "$WARMUP_SECONDS" --argjson proxyCore "$PROXY_CORE" \
    --argjson loadCore "$LOAD_CORE" --argjson routeCount "$ROUTE_COUNT" '$ARGS.named'
}

print_report() {
  jq -n --argjson machine "$MACHINE" --argjson options "$(describe_options)" --slurpfile scenarios "$SCRATCH/scenarios" \
    --slurpfile rounds "$SCRATCH/rounds" --slurpfile invalid "$SCRATCH/invalid" -f "$BENCH/lib/report.jq" > "$SCRATCH/report.json"
  [[ -z $JSON_FILE ]] || cp "$SCRATCH/report.json" "$JSON_FILE"
  jq -r -f "$BENCH/lib/table.jq" "$SCRATCH/report.json"
}
