#!/usr/bin/env bash
# Keeps the gateway under everything at once for a long time, and looks whether it is as before when it is over. See README.md.
set -euo pipefail
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
source "$BENCH/lib/parts.sh"

export PYTHONDONTWRITEBYTECODE=1
CONTESTANTS=portcullis
MINUTES=10
WARMUP_SECONDS=60
SEED=$RANDOM
REST_SECONDS=90
# What may differ at rest without being a leak: nothing that is a socket. Threads of the pool and files that the runtime opens when it first
# needs them come and go; the heap is measured after a full collection, so that only pools and tables that grew once make a difference.
FILES_ALLOWED=8
THREADS_ALLOWED=8
RSS_ALLOWED_KIB=65536
HEAP_ALLOWED_KIB=8192
# Events that mean a defect, or a gateway that can't do its work (docs/runbooks.md).
DEFECTS='^(1001|1104|1105|1108|1109|1111|1114|1116|1301|1404|1410|2102|3004|3005|3006|3008|5001)$'

soak_usage() {
  cat <<'TEXT'
Usage: bench/load/soak.sh [options]
  --minutes N   how long the load lasts in all, the warm-up included; default 10
  --seed N      of the faults and the clients; default: another one each time, which is printed
  --no-build    takes the gateway as built
  --keep        leaves the log and the clients' reports in the current directory, as soak-*
TEXT
}

KEEP=no
while (( $# > 0 )); do
  case $1 in
    --minutes) require_number "$1" "${2:-}"; MINUTES=$2; shift ;;
    --seed) require_number "$1" "${2:-}"; SEED=$2; shift ;;
    --no-build) BUILD=no ;;
    --keep) KEEP=yes ;;
    --help|-h) soak_usage; exit 0 ;;
    *) refuse_usage "unknown option $1" ;;
  esac
  shift
done

metrics() {
  curl -sk --max-time 20 "https://127.0.0.1:${ENTRANT_ADMIN[$entrant]}/metrics"
}

# sum NAME : of all series of a metric but the admin listener's, in the text given.
sum() {
  awk -v name="$1" '$1 ~ "^" name "({|$)" && $1 !~ /\(admin\)/ { sum += $NF } END { printf "%d\n", sum }'
}

sockets() {
  local link count=0
  for link in /proc/"$1"/fd/*; do
    [[ $(readlink "$link" 2> /dev/null) != socket:* ]] || count=$(( count + 1 ))
  done
  echo "$count"
}

# look LABEL : one line of the table; busy is how much of its core the gateway has used since the line before. Sets the figures FILES,
# SOCKETS, THREADS, RSS and HEAP (KiB), CLIENTS and IN_FLIGHT.
look() {
  local text micros now busy
  micros=$(cpu_micros "$pid") now=$(now_micros)
  busy=$(( (micros - LOOKED_MICROS) * 100 / (now - LOOKED_AT) ))
  LOOKED_MICROS=$micros LOOKED_AT=$now
  text=$(metrics) || text=
  FILES=$(open_files "$pid") SOCKETS=$(sockets "$pid") THREADS=$(threads "$pid") RSS=$(rss_kib "$pid")
  HEAP=$(( $(sum dotnet_gc_heap_bytes <<< "$text") / 1024 ))
  CLIENTS=$(sum portcullis_connections_open <<< "$text")
  IN_FLIGHT=$(( $(sum portcullis_requests_in_flight <<< "$text") + $(sum portcullis_upstream_requests_in_flight <<< "$text") ))
  printf '%-16s %6d %7d %8d %8d %10.1f %10.1f %9d %10d %9d\n' "$1" "$busy" "$FILES" "$SOCKETS" "$THREADS" \
    "$(ratio "$RSS" 1024)" "$(ratio "$HEAP" 1024)" "$CLIENTS" "$IN_FLIGHT" "$(sum portcullis_config_reloads_total <<< "$text")"
}

# One configuration after the other, each with a route of its own; every fifth is refused, every other one has a further listener, every
# seventh comes with a new certificate.
reload() {
  local dir=${ENTRANT_DIR[$entrant]} refused
  GENERATION=$(( GENERATION + 1 ))
  EXTRA_PORT=
  (( GENERATION % 2 )) || EXTRA_PORT=$EXTRA
  (( GENERATION % 7 )) || renew_certificate
  if (( GENERATION % 5 == 0 )); then
    refused=$(metrics | sum portcullis_config_reload_failures_total)
    spoil > "$dir/next"
    mv "$dir/next" "$dir/portcullis.yaml"
    kill -HUP "$pid"
    await_reload "was not refused" has_refused "$refused"
  else
    portcullis_prepare soak "$dir" "${ENTRANT_HTTP[$entrant]}" "${ENTRANT_TLS[$entrant]}" "${ENTRANT_ADMIN[$entrant]}"
    kill -HUP "$pid"
    await_reload "did not take effect" has_generation
  fi

  # The decision log is rotated meanwhile, which also keeps it small.
  grep -c '"code":"internal.error"' "$dir/decisions.jsonl" >> "$SCRATCH/internal" || true
  mv "$dir/decisions.jsonl" "$dir/decisions.old" 2> /dev/null || true
}

has_generation() {
  [[ $(http_status "${ENTRANT_HTTP[$entrant]}" "/generation-$GENERATION") == 200 ]]
}

has_refused() {
  (( $(metrics | sum portcullis_config_reload_failures_total) > $1 ))
}

await_reload() {
  local problem=$1 tries
  shift
  for (( tries = 0; tries < 300; tries++ )); do
    ! "$@" || return 0
    pause 0.05
  done
  fail "Configuration $GENERATION $problem."
}

# The running configuration with a fault in it.
spoil() {
  case $(( GENERATION / 5 % 4 )) in
    0) cat "$dir/portcullis.yaml"; echo 'bogus: 1' ;;
    1) sed 's/cluster: good/cluster: nowhere/' "$dir/portcullis.yaml" ;;
    2) sed "s|certificate: [^,]*|certificate: $SCRATCH/missing|" "$dir/portcullis.yaml" ;;
    3) head -c 300 "$dir/portcullis.yaml" ;;
  esac
}

renew_certificate() {
  local key=$PRIVATE_KEY certificate=$CERTIFICATE scratch=$SCRATCH
  mkdir -p "$scratch/renewed"
  SCRATCH=$scratch/renewed make_certificate
  SCRATCH=$scratch PRIVATE_KEY=$key CERTIFICATE=$certificate
  mv "$SCRATCH/renewed/tls.key" "$PRIVATE_KEY"
  mv "$SCRATCH/renewed/tls.crt" "$CERTIFICATE"
}

fail() {
  FAILURES=$(( FAILURES + 1 ))
  echo "FAILED: $*" >&2
}

# start_load SECONDS : all of it; stop_load ends what does not end by itself, and adds up.
start_load() {
  local plain=http://127.0.0.1:${ENTRANT_HTTP[$entrant]} secure=https://127.0.0.1:${ENTRANT_TLS[$entrant]}
  start_wrk plain 12 "$plain/1k"
  start_wrk token 12 "$secure/10k" -H "Authorization: Bearer ${ENTRANT_TOKEN[$entrant]}"
  start_wrk handshakes 2 "$secure/1k" -H "Connection: close"
  start_wrk rough 16 "$plain/rough/wrk"
  start_wrk faulty 8 "$secure/faulty/wrk"
  spawn "$LOAD_CORE" "$SCRATCH/h2load.out" h2load -t 1 -c 4 -m 8 -D "$1" "$secure/1k"; LOADS[h2load]=$SPAWNED
  spawn "$LOAD_CORE" "$SCRATCH/clients.out" nice python3 "$BENCH/soak/clients.py" "${ENTRANT_HTTP[$entrant]}" "${ENTRANT_TLS[$entrant]}" "$SCRATCH/files" "$SEED"
  LOADS[clients]=$SPAWNED
}

# start_wrk NAME CONNECTIONS URL [OPTION…]
start_wrk() {
  local name=$1 connections=$2 url=$3
  shift 3
  spawn "$LOAD_CORE" "$SCRATCH/$name.out" wrk -t 1 -c "$connections" -d 86400s --timeout 10s -s "$BENCH/lib/wrk.lua" "$@" "$url"
  LOADS[$name]=$SPAWNED
}

stop_load() {
  local name answered failed
  for name in plain token handshakes rough faulty; do
    kill -INT "${LOADS[$name]}"
  done
  kill -TERM "${LOADS[clients]}"
  for name in "${!LOADS[@]}"; do
    await_end "$name"
  done
  for name in plain token handshakes rough faulty; do
    read -r _ answered _ failed _ < <(grep '^RESULT ' "$SCRATCH/$name.out")
    count "$name" "$answered" "$failed"
  done
  read -r answered failed < <(awk '
    /^requests:/ { for (i = 2; i < NF; i++) { if ($(i + 1) ~ /^succeeded/) good = $i; if ($(i + 1) ~ /^(failed|errored|timeout)/) bad += $i } }
    /^status codes:/ { for (i = 3; i < NF; i++) if ($(i + 1) ~ /^[45]xx/) bad += $i }
    END { print good + 0, bad + 0 }' "$SCRATCH/h2load.out")
  count h2load "$answered" "$failed"
  cat "$SCRATCH/clients.out" >> "$SCRATCH/clients.json"
}

# await_end NAME : of a load that has been told to.
await_end() {
  local tries
  for (( tries = 0; tries < 300; tries++ )); do
    running "${LOADS[$1]}" || break
    pause 0.1
  done
  if (( tries == 300 )); then
    fail "$1 does not end."
    end "${LOADS[$1]}"
  else
    wait "${LOADS[$1]}" || fail "$1 failed: $(tail -n 1 "$SCRATCH/$1.out")"
  fi
}

count() {
  ANSWERED[$1]=$(( ${ANSWERED[$1]:-0} + $2 ))
  LOST[$1]=$(( ${LOST[$1]:-0} + $3 ))
}

# under_load SECONDS : load, reloads, and a line of the table each minute.
under_load() {
  local began ended next
  began=$(now_micros)
  ended=$(( began + $1 * 1000000 )) next=$(( began + 60000000 ))
  start_load "$1"
  while (( $(now_micros) < ended )); do
    reload
    pause 0.7
    running "$pid" || { fail "The gateway has ended."; tail -n 5 "${ENTRANT_DIR[$entrant]}/log" | cut -c 1-2000 >&2; exit 1; }
    if (( $(now_micros) >= next && next + 30000000 < ended )); then
      look "under load"
      next=$(( next + 60000000 ))
    fi
  done
  look "under load"
  stop_load
}

# at_rest LABEL [SOCKETS] : the same configuration, no load; waits until there are no more sockets than given, or else until their number
# stays the same for 15 s, which nothing of a client's or upstream's outlives.
at_rest() {
  local tries wanted=${2:-} last=-1 same=0
  GENERATION=$(( GENERATION - GENERATION % 70 + 71 ))
  EXTRA_PORT=
  portcullis_prepare soak "${ENTRANT_DIR[$entrant]}" "${ENTRANT_HTTP[$entrant]}" "${ENTRANT_TLS[$entrant]}" "${ENTRANT_ADMIN[$entrant]}"
  kill -HUP "$pid"
  await_reload "did not take effect" has_generation
  for (( tries = 0; tries < REST_SECONDS; tries++ )); do
    SOCKETS=$(sockets "$pid")
    if [[ $SOCKETS == "$last" ]]; then same=$(( same + 1 )); else same=0; fi
    last=$SOCKETS
    (( same < 15 )) || [[ -n $wanted && $SOCKETS -gt $wanted ]] || break
    pause 1
  done
  python3 "$BENCH/soak/collect.py" "$pid"
  look "$1"
}

# The log by event: what means a defect, and what is no event at all, fails.
judge_log() {
  local log=${ENTRANT_DIR[$entrant]}/log level id number
  printf '\n%-12s %7s %9s\n' level event lines
  jq -Rr 'fromjson? // {} | select(.LogLevel) | "\(.LogLevel) \(.EventId) \(.Category)"' "$log" | sort | uniq -c | sort -k 2,2 -k 1,1nr \
    | while read -r number level id category; do
        [[ $level == Information ]] || printf '%-12s %7s %9d %s\n' "$level" "$id" "$number" "$category"
      done
  while read -r number id; do
    [[ ! $id =~ $DEFECTS ]] || fail "$number lines of event $id: $(grep -m 1 "\"EventId\":$id," "$log" | cut -c 1-600)"
  done < <(jq -Rr 'fromjson? // {} | select(.LogLevel == "Warning" or .LogLevel == "Error" or .LogLevel == "Critical") | .EventId' "$log" | sort | uniq -c)
  while read -r number; do
    fail "The log has a line that is no event: $number"
  done < <(grep -v '^{' "$log" | grep -v '^portcullis runs ' | head -n 3 | cut -c 1-300)
  number=$(awk '{ sum += $1 } END { print sum + 0 }' "$SCRATCH/internal")
  (( number == 0 )) || fail "$number requests were answered internal.error."
}

judge_load() {
  local name
  printf '\n%-12s %12s %8s\n' load answered failed
  for name in plain token handshakes h2load rough faulty; do
    printf '%-12s %12d %8d\n' "$name" "${ANSWERED[$name]}" "${LOST[$name]}"
    (( ANSWERED[$name] > 0 )) || fail "$name: no request was answered."
    [[ $name == rough || $name == faulty ]] || (( LOST[$name] == 0 )) || fail "$name: ${LOST[$name]} requests were lost."
  done
  printf '\n'
  jq -sr 'reduce (.[] | .done, .statuses | to_entries[]) as $each ({}; .[$each.key] += $each.value) | to_entries[] | "\(.value)\t\(.key)"' "$SCRATCH/clients.json" | expand -t 10
  while read -r name; do
    fail "A client got what it did not ask for: $name"
  done < <(jq -r '.wrong[]' "$SCRATCH/clients.json")
}

judge_rest() {
  (( SOCKETS <= $1 )) || fail "$(( SOCKETS - $1 )) more sockets than after the warm-up."
  (( FILES <= $2 + FILES_ALLOWED )) || fail "$(( FILES - $2 )) more open files than after the warm-up."
  (( THREADS <= $3 + THREADS_ALLOWED )) || fail "$(( THREADS - $3 )) more threads than after the warm-up."
  (( RSS <= $4 + RSS_ALLOWED_KIB )) || fail "$(( (RSS - $4) / 1024 )) MiB more resident memory than after the warm-up."
  (( HEAP <= $5 + HEAP_ALLOWED_KIB )) || fail "$(( (HEAP - $5) / 1024 )) MiB more heap than after the warm-up."
  (( CLIENTS == 0 )) || fail "$CLIENTS client connections are counted as open, and nobody is there."
  (( IN_FLIGHT == 0 )) || fail "$IN_FLIGHT requests are counted as in flight, and nobody is there."
}

require_two_cores
install_needed
command -v python3 > /dev/null || { echo "python3 is missing." >&2; exit 1; }
portcullis_build
open_scratch
make_certificate
make_token
start_backend

declare -A LOADS=() ANSWERED=() LOST=()
FAULT_PORTS=() GENERATION=1 EXTRA_PORT='' FAILURES=0
for number in 1 2; do
  free_port
  FAULT_PORTS+=("$FREE_PORT")
  spawn "$LOAD_CORE" "$SCRATCH/faults-$number.log" python3 "$BENCH/soak/faults.py" "$FREE_PORT" "$(( SEED + number ))"
done
free_port; EXTRA=$FREE_PORT

name=soak entrant=portcullis:soak
load_scenario get
path=/10k expect=10k
start_entrant "$entrant"
pid=${ENTRANT_PID[$entrant]}
(( WARMUP_SECONDS * 3 <= MINUTES * 60 )) || WARMUP_SECONDS=$(( MINUTES * 20 ))
echo "Seed $SEED, $MINUTES minutes, of which $WARMUP_SECONDS s are the warm-up"
printf '%-16s %6s %7s %8s %8s %10s %10s %9s %10s %9s\n' '' 'busy %' files sockets threads 'RSS MiB' 'heap MiB' clients 'in flight' reloads
LOOKED_MICROS=$(cpu_micros "$pid") LOOKED_AT=$(now_micros)
under_load "$WARMUP_SECONDS"
at_rest "rest, warm"
before=("$SOCKETS" "$FILES" "$THREADS" "$RSS" "$HEAP")
under_load $(( MINUTES * 60 - WARMUP_SECONDS ))
at_rest "rest, at the end" "$SOCKETS"

judge_load
judge_log
judge_rest "${before[@]}"
cat "$SCRATCH"/faults-*.log >&2
if [[ $KEEP == yes ]]; then
  cp "${ENTRANT_DIR[$entrant]}/log" soak-log
  cp "$SCRATCH/clients.json" soak-clients.json
fi
(( FAILURES == 0 )) || exit 1
echo "Nothing leaked, nothing was lost."
