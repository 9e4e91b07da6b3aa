# Free ports on the loopback address, and waiting for what answers there.

# Below the range from which the kernel takes ports for outgoing connections.
NEXT_PORT=$(( 20000 + RANDOM % 8000 ))

# Sets FREE_PORT.
free_port() {
  local tries
  for (( tries = 0; tries < 1000; tries++ )); do
    FREE_PORT=$(( NEXT_PORT++ ))
    { exec 8<> "/dev/tcp/127.0.0.1/$FREE_PORT"; } 2> /dev/null || return 0
    exec 8>&-
  done
  echo "No free port was found below $NEXT_PORT." >&2
  return 1
}

# http_status PORT PATH : the status of one plain request over a new connection; fails where nobody listens.
http_status() {
  local version status rest
  { exec 8<> "/dev/tcp/127.0.0.1/$1"; } 2> /dev/null || return 1
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$2" "$1" >&8 2> /dev/null || true
  read -r -t 5 version status rest <&8 2> /dev/null || true
  exec 8>&-
  echo "${status:-000}"
}

# wait_for_http PID PORT PATH SECONDS : until a request is answered 2xx, 401 or 403 (it stands behind a token then).
wait_for_http() {
  local pid=$1 port=$2 path=$3 deadline status
  deadline=$(( $(now_micros) + $4 * 1000000 ))
  while (( $(now_micros) < deadline )); do
    running "$pid" || return 1
    status=$(http_status "$port" "$path") || status=000
    [[ $status != 2?? && $status != 40[13] ]] || return 0
    pause 0.02
  done
  return 1
}
