# The load generators. Each run sets LOAD_REQUESTS, LOAD_MICROS, LOAD_FAILED, LOAD_P50 and LOAD_P99 (microseconds).

# run_load ENTRANT SECONDS : the current scenario's load against one entrant.
run_load() {
  local base
  base=$(entrant_url "$1")
  if [[ $kind == offered || $protocol == h2 ]]; then
    run_h2load "$base$path" "$2" "${ENTRANT_TOKEN[$1]}"
  else
    run_wrk "$base$path" "$2" "${ENTRANT_TOKEN[$1]}"
  fi
}

entrant_url() {
  if [[ $scheme == https ]]; then
    echo "https://127.0.0.1:${ENTRANT_TLS[$1]}"
  else
    echo "http://127.0.0.1:${ENTRANT_HTTP[$1]}"
  fi
}

run_wrk() {
  local url=$1 seconds=$2 token=$3 fields=() arguments=("method=$method") word
  for word in "${headers[@]}"; do fields+=(-H "$word"); done
  [[ -z $token ]] || fields+=(-H "Authorization: Bearer $token")
  [[ $close == no ]] || fields+=(-H "Connection: close")
  [[ -z $body ]] || arguments+=("body=$SCRATCH/files/$body")
  [[ $routes == no ]] || arguments+=("routes=$ROUTE_COUNT")
  taskset -c "$LOAD_CORE" wrk -t 1 -c "$connections" -d "${seconds}s" --timeout 5s -s "$BENCH/lib/wrk.lua" "${fields[@]}" "$url" -- "${arguments[@]}" \
    > "$SCRATCH/wrk.out" 2>&1 || { cat "$SCRATCH/wrk.out" >&2; return 1; }
  read -r word LOAD_REQUESTS LOAD_MICROS LOAD_FAILED LOAD_P50 LOAD_P99 < <(grep '^RESULT ' "$SCRATCH/wrk.out")
}

# Closed loop, or open loop where the scenario offers a fixed rate: then each connection sends its share by the clock.
run_h2load() {
  local url=$1 seconds=$2 token=$3 arguments
  arguments=(-t 1 -c "$connections" -m "$streams" -D "$seconds" --log-file "$SCRATCH/h2load.log")
  [[ -z $token ]] || arguments+=(-H "authorization: Bearer $token")
  [[ $protocol == h2 ]] || arguments+=(--h1)
  [[ $kind != offered ]] || arguments+=(--rps $(( rate / connections )))
  : > "$SCRATCH/h2load.log"
  taskset -c "$LOAD_CORE" h2load "${arguments[@]}" "$url" > "$SCRATCH/h2load.out" 2>&1 || { cat "$SCRATCH/h2load.out" >&2; return 1; }
  LOAD_MICROS=$(( seconds * 1000000 ))
  read -r LOAD_REQUESTS LOAD_FAILED < <(awk '
    /^requests:/ { for (i = 2; i < NF; i++) { if ($(i + 1) ~ /^succeeded/) good = $i; if ($(i + 1) ~ /^(failed|errored|timeout)/) bad += $i } }
    /^status codes:/ { for (i = 3; i < NF; i++) if ($(i + 1) ~ /^[45]xx/) bad += $i }
    END { print good + 0, bad + 0 }' "$SCRATCH/h2load.out")
  read -r LOAD_P50 LOAD_P99 < <(cut -f 3 "$SCRATCH/h2load.log" | sort -n | awk '
    { value[NR] = $1 }
    END { print value[int((NR + 1) / 2)] + 0, value[int(NR * 0.99 + 0.5)] + 0 }')
}

# hold_connections ENTRANT COUNT SECONDS : opens connections, sends one request on each and keeps them open. Sets SPAWNED.
hold_connections() {
  local options=(-t 1 -c "$2" -m 1 -D "$3" --rps 0.01 --h1)
  spawn "$LOAD_CORE" "$SCRATCH/hold.out" h2load "${options[@]}" "$(entrant_url "$1")$path"
}

# check_answer ENTRANT : one request, whose answer must be exactly the backend's.
check_answer() {
  local url arguments=(-sS --max-time 10 --cacert "$CERTIFICATE" -o "$SCRATCH/answer" -w '%{http_code} %{http_version}')
  local token=${ENTRANT_TOKEN[$1]} answer header wanted="200 1.1"
  url=$(entrant_url "$1")$path
  [[ $routes == no ]] || url=$(entrant_url "$1")/service-$ROUTE_COUNT/item
  for header in "${headers[@]}"; do arguments+=(-H "$header"); done
  [[ -z $token ]] || arguments+=(-H "Authorization: Bearer $token")
  [[ -z $body ]] || arguments+=(--data-binary "@$SCRATCH/files/$body")
  if [[ $protocol == h2 ]]; then
    arguments+=(--http2); wanted="200 2"
  else
    arguments+=(--http1.1)
  fi
  answer=$(curl "${arguments[@]}" "$url" 2> "$SCRATCH/curl.err") || answer="$answer $(< "$SCRATCH/curl.err")"
  [[ $answer == "$wanted" ]] || { invalid "$1" "answered '$answer' where '$wanted' was expected"; return 1; }
  cmp -s "$SCRATCH/answer" "$SCRATCH/files/$expect" || { invalid "$1" "changed the body of the answer"; return 1; }
  [[ -z $token ]] || check_refusals "$1" "$url" "$token" || return 1
  [[ $1 != *:waf ]] || check_blocking "$1" "${url%%\?*}"
}

# check_refusals ENTRANT URL TOKEN : without the token, and with one whose signature is wrong, the answer must be 401; else the work is not done.
check_refusals() {
  local entrant=$1 url=$2 head=${3%.*} signature=${3##*.} field answer
  for field in "X-No-Token: 1" "Authorization: Bearer $head.${signature:1}${signature:0:1}"; do
    answer=$(curl -sS --max-time 10 --cacert "$CERTIFICATE" -o "$SCRATCH/answer" -w '%{http_code}' -H "$field" "$url") || true
    [[ $answer == 401 ]] || { invalid "$entrant" "answered '$answer' where the token should have been refused"; return 1; }
  done
}
