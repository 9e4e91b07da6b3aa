# nginx as a reverse proxy: one worker, keep-alive pool to the backend, no access log, no header added unless the variant says so.
# A contestant is three functions: prepare VARIANT DIR HTTP-PORT TLS-PORT ADMIN-PORT writes its configuration (again: replaces it by rename),
# launch DIR starts it (sets SPAWNED), authorize VARIANT DIR HTTP-PORT prints a token where the variant asks for one.

nginx_prepare() {
  local variant=$1 dir=$2 http=$3 tls=$4 NGINX_MODULES=
  if [[ $variant == policies ]]; then
    NGINX_MODULES="load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;"
  fi
  if [[ $variant == waf ]]; then
    NGINX_MODULES="load_module /usr/lib/nginx/modules/ngx_http_modsecurity_module.so;"
    rule_files | sed 's/.*/Include &/' > "$dir/waf.conf"
  fi
  {
    nginx_preamble "$dir"
    nginx_common
    [[ $variant != policies ]] || nginx_policies_http "$dir"
    cat <<TEXT
  server {
    listen 127.0.0.1:$http backlog=16384;
    listen 127.0.0.1:$tls ssl http2 backlog=16384;
    server_name localhost;
    ssl_certificate $CERTIFICATE;
    ssl_certificate_key $PRIVATE_KEY;
    ssl_protocols TLSv1.3;
    keepalive_requests 100000000;
    keepalive_timeout 300s;
    client_max_body_size 10m;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host \$host;
    proxy_max_temp_file_size 0;
TEXT
    case $variant in
      plain) nginx_location / ;;
      waf)
        echo "    modsecurity on; modsecurity_rules_file $dir/waf.conf;"
        nginx_location / ;;
      policies) nginx_policies_server; nginx_location / ;;
      routes) nginx_many_locations ;;
      reloads)
        nginx_location /1k
        nginx_location "= /generation-$GENERATION"
        echo "    location / { return 404; }" ;;
    esac
    echo "  }"
    echo "}"
  } > "$dir/next"
  mv "$dir/next" "$dir/nginx.conf"
}

nginx_common() {
  cat <<TEXT
  access_log off;
  server_tokens off;
  upstream backend { server 127.0.0.1:$BACKEND_PORT; keepalive 512; keepalive_requests 100000000; }
TEXT
}

nginx_location() {
  echo "    location $1 { proxy_pass http://backend; }"
}

nginx_many_locations() {
  local number
  for (( number = 1; number <= ROUTE_COUNT; number++ )); do
    nginx_location "/service-$number/"
  done
}

# The work of the gateway's policies as far as Debian's modules go. The token is verified in Lua through OpenSSL and the result kept.
nginx_policies_http() {
  cat <<TEXT
  lua_shared_dict tokens 4m;
  init_by_lua_block {
    package.path = "$BENCH/contestants/?.lua;" .. package.path
    bearer = require("nginx-token")
    bearer.load("$TOKEN_PUBLIC_KEY")
  }
  limit_req_zone \$binary_remote_addr zone=address:10m rate=500000r/s;
  limit_req_zone \$caller zone=caller:10m rate=500000r/s;
  log_format decision escape=json '{"time":"\$time_iso8601","requestId":"\$request_id","route":"all","status":\$status,'
    '"caller":"\$caller","address":"\$remote_addr","duration":\$request_time,"upstream":"\$upstream_response_time"}';
TEXT
}

nginx_policies_server() {
  cat <<TEXT
    access_log $dir/decisions.jsonl decision buffer=64k flush=1s;
    set \$caller "";
    rewrite_by_lua_block { bearer.check("demo:read") }
    limit_req zone=address burst=100000 nodelay;
    limit_req zone=caller burst=100000 nodelay;
    limit_req_status 429;
    proxy_set_header X-Request-Id \$request_id;
    proxy_set_header X-Forwarded-For \$remote_addr;
    proxy_set_header X-Forwarded-Proto \$scheme;
    proxy_set_header X-Forwarded-Host \$host;
    proxy_set_header Portcullis-Subject \$caller;
    add_header X-Request-Id \$request_id always;
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
    add_header Content-Security-Policy "default-src 'none'; frame-ancestors 'none'" always;
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options DENY always;
    add_header Referrer-Policy no-referrer always;
    add_header Permissions-Policy "camera=(), geolocation=(), microphone=()" always;
    add_header Cross-Origin-Opener-Policy same-origin always;
    add_header Cross-Origin-Resource-Policy same-origin always;
TEXT
}

nginx_launch() {
  spawn "$PROXY_CORE" "$1/log" nginx -p "$1" -c "$1/nginx.conf" -g 'daemon off;'
}

nginx_authorize() {
  [[ $1 != policies ]] || echo "$TOKEN"
}
