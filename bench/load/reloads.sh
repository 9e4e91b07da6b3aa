#!/usr/bin/env bash
# Replaces the configuration again and again under load: no request may fail, nothing may leak. See README.md.
set -euo pipefail
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
source "$BENCH/lib/parts.sh"

COUNT=1000
CONTESTANTS=portcullis
# What may come and go without being a leak: pooled upstream connections, and a heap that grows once and stays.
FILES_ALLOWED=32
RSS_ALLOWED_KIB=65536

reloads_usage() {
  cat <<'TEXT'
Usage: bench/load/reloads.sh [options]
  --count N            reloads; default 1000
  --contestant NAME    portcullis (default), or nginx, to see what others do
  --no-build           takes the gateway as built
TEXT
}

while (( $# > 0 )); do
  case $1 in
    --count) require_number "$1" "${2:-}"; COUNT=$2; shift ;;
    --contestant)
      [[ ${2:-} == portcullis || ${2:-} == nginx ]] || refuse_usage "--contestant is portcullis or nginx"
      CONTESTANTS=$2; shift ;;
    --no-build) BUILD=no ;;
    --help|-h) reloads_usage; exit 0 ;;
    *) refuse_usage "unknown option $1" ;;
  esac
  shift
done

# reload NUMBER : the next configuration is renamed into place, SIGHUP, and then patience until its route answers.
# Every question on the way is a request too: each must be answered, 404 by the old configuration or 200 by the new one.
reload() {
  local tries status
  GENERATION=$1
  "${CONTESTANTS}_prepare" reloads "${ENTRANT_DIR[$entrant]}" "${ENTRANT_HTTP[$entrant]}" "${ENTRANT_TLS[$entrant]}" "${ENTRANT_ADMIN[$entrant]}"
  kill -HUP "${ENTRANT_PID[$entrant]}"
  for (( tries = 0; tries < 1000; tries++ )); do
    status=$(http_status "${ENTRANT_HTTP[$entrant]}" "/generation-$1") || status=000
    case $status in
      200) return 0 ;;
      404) pause 0.005 ;;
      *)
        FAILED=$(( FAILED + 1 ))
        (( FAILED > 5 )) || echo "A new connection was answered '$status' at reload $1." >&2 ;;
    esac
  done
  echo "Reload $1 did not take effect; the end of the log:" >&2
  tail -n 5 "${ENTRANT_DIR[$entrant]}/log" | cut -c 1-400 >&2
  exit 1
}

# start_wrk NAME URL : load until stop_wrk, on connections that stay open.
start_wrk() {
  spawn "$LOAD_CORE" "$SCRATCH/$1.out" wrk -t 1 -c 16 -d 86400s --timeout 5s -s "$BENCH/lib/wrk.lua" "$2/1k"
  WRK+=("$SPAWNED")
}

stop_wrk() {
  kill -INT "$1"
  wait "$1" || true
}

look() {
  local pid=${ENTRANT_PID[$entrant]}
  printf '%-12s %8d %10d %12.1f\n' "$1" "$(open_files "$pid")" "$(threads "$pid")" "$(ratio "$(rss_kib "$pid")" 1024)"
}

require_two_cores
install_needed
! has_contestant portcullis || portcullis_build
open_scratch
make_certificate
make_token
start_backend

name=reloads entrant=$CONTESTANTS:reloads GENERATION=0 FAILED=0 WRK=()
load_scenario get
start_entrant "$entrant"
pid=${ENTRANT_PID[$entrant]}
for url in "http://127.0.0.1:${ENTRANT_HTTP[$entrant]}" "https://127.0.0.1:${ENTRANT_TLS[$entrant]}"; do
  start_wrk "${url%%:*}" "$url"
done

# The first reloads and the first load warm everything up, so that what follows can be compared.
for (( number = 1; number <= 50; number++ )); do
  reload "$number"
done
printf '%-12s %8s %10s %12s\n' reloads files threads "RSS MiB"
look 0
files=$(open_files "$pid") rss=$(rss_kib "$pid")
for (( number = 1; number <= COUNT; number++ )); do
  reload $(( number + 50 ))
  if (( number % ((COUNT + 9) / 10) == 0 )); then
    look "$number"
  fi
done

files_after=$(open_files "$pid") requests=0
for wrk in "${WRK[@]}"; do
  stop_wrk "$wrk"
done
for out in "$SCRATCH/http.out" "$SCRATCH/https.out"; do
  read -r _ answered _ failed _ < <(grep '^RESULT ' "$out")
  requests=$(( requests + answered ))
  FAILED=$(( FAILED + failed ))
done
pause 2
look "at rest"
echo "$COUNT reloads, $requests requests on 32 kept connections, $FAILED failed"

status=0
(( FAILED == 0 )) || { echo "FAILED: requests were lost." >&2; status=1; }
(( files_after <= files + FILES_ALLOWED )) || { echo "FAILED: $(( files_after - files )) more open files than before." >&2; status=1; }
(( $(rss_kib "$pid") <= rss + RSS_ALLOWED_KIB )) || { echo "FAILED: $(( ($(rss_kib "$pid") - rss) / 1024 )) MiB more memory than before." >&2; status=1; }
exit "$status"
