# Rounds. Every figure of every round becomes one JSON line in $SCRATCH/rounds; report.jq makes medians of them.

INVALID=0

# Says loudly that a figure must not be used, and keeps it for the report.
invalid() {
  INVALID=$(( INVALID + 1 ))
  printf '\n!!! INVALID: %s, %s: %s\n\n' "$name" "$1" "$2" >&2
  jq -nc --arg scenario "$name" --arg entrant "$1" --arg reason "$2" '$ARGS.named' >> "$SCRATCH/invalid"
}

run_scenario() {
  name=$1
  load_scenario "$name"
  local running_entrants=()
  mapfile -t running_entrants < <(chosen_entrants)
  (( ${#running_entrants[@]} > 0 )) || return 0
  echo "$title …" >&2
  describe_scenario
  case $kind in
    load|offered) run_rounds "${running_entrants[@]}" ;;
    idle) run_idle "${running_entrants[@]}" ;;
    start) run_start "${running_entrants[@]}" ;;
    *) echo "Scenario $name: unknown kind '$kind'." >&2; return 1 ;;
  esac
}

run_rounds() {
  local entrant entered=() round
  for entrant in "$@"; do
    ! start_entrant "$entrant" || entered+=("$entrant")
  done
  for entrant in "${entered[@]}"; do
    run_load "$entrant" "$WARMUP_SECONDS"
  done
  for (( round = 1; round <= ROUNDS; round++ )); do
    for entrant in "${entered[@]}"; do
      measure_load "$entrant" "$round"
    done
  done
  for entrant in "${entered[@]}"; do
    end_entrant "$entrant"
  done
}

measure_load() {
  local entrant=$1 round=$2 pid=${ENTRANT_PID[$1]} before after began ended
  before=$(cpu_micros "$pid")
  began=$(now_micros)
  run_load "$entrant" "$SECONDS_PER_ROUND"
  ended=$(now_micros)
  after=$(cpu_micros "$pid")
  (( LOAD_FAILED == 0 )) || invalid "$entrant" "$LOAD_FAILED failed requests of $LOAD_REQUESTS in round $round"
  if (( LOAD_REQUESTS == 0 )); then
    invalid "$entrant" "no request was answered in round $round"
    return 0
  fi
  if [[ $kind == offered ]] && (( LOAD_REQUESTS * 100 < rate * SECONDS_PER_ROUND * 95 )); then
    invalid "$entrant" "answered $LOAD_REQUESTS of $(( rate * SECONDS_PER_ROUND )) offered requests in round $round"
  fi
  record "$entrant" "$round" \
    rate "$(( LOAD_REQUESTS * 1000000 / LOAD_MICROS ))" \
    cpu "$(ratio $(( after - before )) "$LOAD_REQUESTS")" \
    p50 "$LOAD_P50" p99 "$LOAD_P99" rss "$(rss_kib "$pid")" \
    busy "$(ratio $(( (after - before) * 100 )) $(( ended - began )))"
}

# Fresh process, some load, then connections that each asked once and stay: resident memory before and after.
run_idle() {
  local entrant round
  for (( round = 1; round <= ROUNDS; round++ )); do
    for entrant in "$@"; do
      ! start_entrant "$entrant" || measure_idle "$entrant" "$round"
      end_entrant "$entrant"
    done
  done
}

measure_idle() {
  local entrant=$1 round=$2 pid=${ENTRANT_PID[$1]} before files holder patience=$(( 5 + connections / 250 ))
  local wanted=$connections connections=64
  run_load "$entrant" "$WARMUP_SECONDS"
  pause 1
  before=$(rss_kib "$pid")
  files=$(open_files "$pid")
  hold_connections "$entrant" "$wanted" "$(( patience + 10 ))"
  holder=$SPAWNED
  local tries
  for (( tries = 0; tries < patience * 10; tries++ )); do
    (( $(open_files "$pid") < files + wanted )) || break
    pause 0.1
  done
  pause 2
  if (( $(open_files "$pid") < files + wanted - 64 )); then
    invalid "$entrant" "held only $(( $(open_files "$pid") - files )) of $wanted connections in round $round"
  fi
  record "$entrant" "$round" rss "$(rss_kib "$pid")" startRss "$before" \
    perConnection "$(ratio $(( ($(rss_kib "$pid") - before) * 1024 )) "$wanted")"
  end "$holder"
}

# From starting the process to the end of its first answer's status line, data directory and file cache warm.
run_start() {
  local entrant round
  for entrant in "$@"; do
    start_entrant "$entrant" || continue
    end_entrant "$entrant"
    for (( round = 1; round <= ROUNDS; round++ )); do
      measure_start "$entrant" "$round"
    done
  done
}

measure_start() {
  local entrant=$1 round=$2 began took
  began=$(now_micros)
  "${entrant%%:*}_launch" "${ENTRANT_DIR[$entrant]}"
  ENTRANT_PID["$entrant"]=$SPAWNED
  until [[ $(http_status "${ENTRANT_HTTP[$entrant]}" "$path") == 200 ]]; do
    if ! running "$SPAWNED" || (( $(now_micros) - began > 30000000 )); then
      invalid "$entrant" "did not answer within 30 s"
      end_entrant "$entrant"
      return 0
    fi
    pause 0.001
  done
  took=$(( $(now_micros) - began ))
  pause 1
  record "$entrant" "$round" startMillis "$(ratio "$took" 1000)" rss "$(rss_kib "${ENTRANT_PID[$entrant]}")"
  end_entrant "$entrant"
}

# record ENTRANT ROUND NAME VALUE … : one JSON line.
record() {
  local entrant=$1 round=$2 line
  shift 2
  line="{\"scenario\":\"$name\",\"entrant\":\"$entrant\",\"round\":$round"
  while (( $# > 0 )); do
    line+=",\"$1\":$2"
    shift 2
  done
  echo "$line}" >> "$SCRATCH/rounds"
}

ratio() {
  awk -v above="$1" -v below="$2" 'BEGIN { printf "%.3f", above / below }'
}

# One JSON line that tells the report how to read this scenario's rounds.
describe_scenario() {
  jq -nc --arg name "$name" --arg title "$title" --arg kind "$kind" \
    '{name: $name, title: $title, kind: $kind, compare: $ARGS.positional}' --args "${compare[@]}" >> "$SCRATCH/scenarios"
}
