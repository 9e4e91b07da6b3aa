# The gateway itself, Release build, started as its users start it. See nginx.sh for the three functions.

PORTCULLIS=$REPOSITORY/src/Portcullis/bin/Release/net10.0/portcullis

portcullis_build() {
  [[ $BUILD == yes ]] || return 0
  echo "Building the gateway …" >&2
  dotnet build -c Release --nologo -v quiet "$REPOSITORY/src/Portcullis" >&2
}

portcullis_prepare() {
  local variant=$1 dir=$2 http=$3 tls=$4 admin=$5
  {
    portcullis_listeners "$dir" "$http" "$tls" "$admin"
    case $variant in
      plain)
        echo "routes:"
        portcullis_route all '/{**rest}' ;;
      policies)
        portcullis_policies "$dir" "$http" ;;
      routes)
        echo "routes:"
        portcullis_many_routes ;;
      waf)
        portcullis_waf ;;
      reloads)
        echo "routes:"
        portcullis_route payload /1k
        portcullis_route generation "/generation-$GENERATION" ;;
      soak)
        portcullis_soak "$dir" "$http" ;;
    esac
  } > "$dir/next"
  mv "$dir/next" "$dir/portcullis.yaml"
}

portcullis_listeners() {
  cat <<TEXT
data: $1/data
listeners:
  plain:
    address: 127.0.0.1:$2
    limits: { connections: 20000, connectionsPerAddress: 20000 }
  secure:
    address: 127.0.0.1:$3
    tls: { certificate: $CERTIFICATE, privateKey: $PRIVATE_KEY, minimumVersion: "1.3" }
    protocols: [http1, http2]
    limits: { connections: 20000, connectionsPerAddress: 20000 }
TEXT
  [[ -z ${EXTRA_PORT:-} ]] || printf '  extra: { address: "127.0.0.1:%s" }\n' "$EXTRA_PORT"
  cat <<TEXT
admin: { address: 127.0.0.1:$4 }
clusters:
  backend:
    destinations: [ "http://127.0.0.1:$BACKEND_PORT" ]
TEXT
}

portcullis_route() {
  printf '  %s: { match: { path: "%s" }, cluster: backend, policies: { authenticate: none } }\n' "$1" "$2"
}

portcullis_many_routes() {
  local number
  for (( number = 1; number <= ROUTE_COUNT; number++ )); do
    portcullis_route "service-$number" "/service-$number/{**rest}"
  done
}

portcullis_policies() {
  cat <<TEXT
routes:
  all:
    match: { path: "/{**rest}" }
    cluster: backend
    policies:
      authenticate: token
      authorize: { permissions: [demo:read] }
      rateLimit:
        - { by: address, limit: 500000, period: 1s, burst: 500000 }
        - { by: caller, limit: 500000, period: 1s, burst: 500000 }
      headers: { preset: api }
identity:
  issuer: http://127.0.0.1:$2
telemetry:
  decisionLog: $1/decisions.jsonl
TEXT
}

portcullis_waf() {
  cat <<TEXT
routes:
  all:
    match: { path: "/{**rest}" }
    cluster: backend
    policies:
      authenticate: none
      waf: { mode: block, paranoia: 1 }
waf:
  rules: [ $(rule_files | sed 's/.*/"&"/' | paste -sd ,) ]
TEXT
}

# Everything that soak.sh wants: good and bad upstreams, a listener that comes and goes with EXTRA_PORT, a log that is written, and a
# route by which the generation is known. Idle upstream connections go soon, so that none is left at rest.
portcullis_soak() {
  local connections="{ idleTimeout: 3s, maximum: 256 }" second=
  (( GENERATION % 2 )) || second=", \"http://127.0.0.1:${FAULT_PORTS[1]}\""
  cat <<TEXT
  good: { destinations: [ "http://127.0.0.1:$BACKEND_PORT" ], connections: $connections }
  faulty:
    destinations: [ "http://127.0.0.1:${FAULT_PORTS[0]}"$second ]
    timeout: 1s
    idleTimeout: 1s
    bodyTimeout: 5s
    connections: $connections
  rough:
    destinations: [ "http://127.0.0.1:${FAULT_PORTS[$(( GENERATION % 2 ))]}" ]
    timeout: 1s
    idleTimeout: 1s
    bodyTimeout: 5s
    retries: 2
    circuitBreaker: { failureRatio: 1 }
    health: { passive: false }
    connections: $connections
routes:
  payload: { match: { path: /1k }, cluster: good, policies: { authenticate: none, headers: api, rateLimit: [ { by: address, limit: 500000, period: 1s } ] } }
  token: { match: { path: /10k }, cluster: good, policies: { authenticate: token, authorize: { permissions: [demo:read] }, headers: api, waf: block } }
  large: { match: { path: /1m }, cluster: good, policies: { authenticate: none } }
  post: { match: { path: /post }, cluster: good, policies: { authenticate: none, waf: { mode: detect, inspectResponses: true } } }
  faulty: { match: { path: "/faulty/{**rest}" }, cluster: faulty, policies: { authenticate: none, headers: web, waf: { mode: block, inspectResponses: true } } }
  rough: { match: { path: "/rough/{**rest}" }, cluster: rough, policies: { authenticate: none } }
  generation: { match: { path: "/generation-$GENERATION" }, cluster: good, policies: { authenticate: none } }
identity:
  issuer: http://127.0.0.1:$2
telemetry:
  decisionLog: $1/decisions.jsonl
TEXT
}

portcullis_launch() {
  spawn "$PROXY_CORE" "$1/log" "$PORTCULLIS" serve --config "$1/portcullis.yaml"
}

# A client made by the gateway's own verb, and a token from its own token service.
portcullis_authorize() {
  [[ $1 == policies || $1 == soak ]] || return 0
  local client
  client=$("$PORTCULLIS" client add bench --permission demo:read --data "$2/data" --output json)
  curl -fsS --retry 5 --retry-all-errors --retry-delay 1 "http://127.0.0.1:$3/oauth/token" -d grant_type=client_credentials \
    -u "$(jq -r .id <<< "$client"):$(jq -r .secret <<< "$client")" | jq -er .access_token
}
