# HAProxy as a reverse proxy: one thread, upstream connections shared by all clients. See nginx.sh for the three functions.

haproxy_prepare() {
  local variant=$1 dir=$2 http=$3 tls=$4
  {
    cat <<TEXT
global
  nbthread 1
  maxconn $(( OPEN_FILES / 2 - 100 ))
TEXT
    [[ $variant != policies ]] || echo "  log stdout len 2048 format raw local0 info"
    cat <<TEXT
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  http-reuse always
backend service
  server one 127.0.0.1:$BACKEND_PORT
frontend public
  bind 127.0.0.1:$http backlog 16384
  bind 127.0.0.1:$tls backlog 16384 ssl crt $SCRATCH/tls.pem alpn h2,http/1.1 ssl-min-ver TLSv1.3
TEXT
    case $variant in
      plain) echo "  default_backend service" ;;
      policies) haproxy_policies; echo "  default_backend service"; haproxy_tables ;;
      routes) haproxy_many_routes "$dir" ;;
    esac
  } > "$dir/haproxy.cfg"
}

# jwt_verify checks the signature at every request: HAProxy 2.6 has nothing to keep the result in.
haproxy_policies() {
  cat <<TEXT
  log global
  log-format '{"time":"%[date,ltime(%Y-%m-%dT%H:%M:%S)]","requestId":"%ID","route":"%b","status":%ST,"caller":"%[var(txn.caller)]","address":"%ci","durationMs":%Ta,"upstreamMs":%Tr}'
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
  option forwardfor
  http-request set-var(txn.bearer) http_auth_bearer
  http-request track-sc0 src table addresses
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 5000000 }
  http-request deny deny_status 401 unless { var(txn.bearer),jwt_header_query('\$.alg') -m str RS256 }
  http-request deny deny_status 401 unless { var(txn.bearer),jwt_verify(RS256,"$TOKEN_PUBLIC_KEY") 1 }
  http-request deny deny_status 401 unless { var(txn.bearer),jwt_payload_query('\$.iss') -m str https://bench.example }
  http-request deny deny_status 401 unless { var(txn.bearer),jwt_payload_query('\$.aud') -m str https://bench.example }
  http-request set-var(txn.expiry) var(txn.bearer),jwt_payload_query('\$.exp','int')
  http-request deny deny_status 401 unless { date,neg,add(txn.expiry) gt 0 }
  http-request set-var(txn.caller) var(txn.bearer),jwt_payload_query('\$.sub')
  http-request track-sc1 var(txn.caller) table callers
  http-request deny deny_status 429 if { sc_http_req_rate(1) gt 5000000 }
  http-request deny deny_status 403 unless { var(txn.bearer),jwt_payload_query('\$.scope') -m sub demo:read }
  http-request set-header Portcullis-Subject %[var(txn.caller)]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-response set-header X-Request-Id %[unique-id]
  http-response set-header Strict-Transport-Security "max-age=63072000; includeSubDomains"
  http-response set-header Content-Security-Policy "default-src 'none'; frame-ancestors 'none'"
  http-response set-header X-Content-Type-Options nosniff
  http-response set-header X-Frame-Options DENY
  http-response set-header Referrer-Policy no-referrer
  http-response set-header Permissions-Policy "camera=(), geolocation=(), microphone=()"
  http-response set-header Cross-Origin-Opener-Policy same-origin
  http-response set-header Cross-Origin-Resource-Policy same-origin
TEXT
}

haproxy_tables() {
  cat <<TEXT
backend addresses
  stick-table type ip size 100k expire 60s store http_req_rate(1s)
backend callers
  stick-table type string len 64 size 100k expire 60s store http_req_rate(1s)
TEXT
}

haproxy_many_routes() {
  local dir=$1 number
  for (( number = 1; number <= ROUTE_COUNT; number++ )); do
    echo "/service-$number/ service"
  done > "$dir/routes.map"
  echo "  use_backend %[path,map_beg($dir/routes.map)]"
}

haproxy_launch() {
  spawn "$PROXY_CORE" "$1/log" haproxy -db -f "$1/haproxy.cfg"
}

haproxy_authorize() {
  [[ $1 != policies ]] || echo "$TOKEN"
}
