# The upstream that all contestants share: nginx with one worker on the load core.

start_backend() {
  mkdir -p "$SCRATCH/files" "$SCRATCH/backend"
  head -c 1024 /dev/urandom > "$SCRATCH/files/1k"
  head -c 10240 /dev/urandom > "$SCRATCH/files/10k"
  head -c 1048576 /dev/urandom > "$SCRATCH/files/1m"
  printf 'accepted\n' > "$SCRATCH/files/accepted"
  make_waf_bodies
  free_port
  BACKEND_PORT=$FREE_PORT
  {
    nginx_preamble "$SCRATCH/backend"
    cat <<TEXT
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  open_file_cache max=100;
  default_type application/octet-stream;
  server {
    listen 127.0.0.1:$BACKEND_PORT backlog=16384;
    location / { root $SCRATCH/files; }
    location /service- { root $SCRATCH/files; rewrite ^ /1k break; }
    location = /post { return 200 "accepted\n"; }
    location /generation- { return 200 "generation\n"; }
  }
}
TEXT
  } > "$SCRATCH/backend/nginx.conf"
  spawn "$LOAD_CORE" "$SCRATCH/backend/log" nginx -p "$SCRATCH/backend" -c "$SCRATCH/backend/nginx.conf" -g 'daemon off;'
  if ! wait_for_http "$SPAWNED" "$BACKEND_PORT" /1k 10; then
    echo "The backend does not answer:" >&2
    cat "$SCRATCH/backend/log" >&2
    return 1
  fi
}

# What every nginx here starts with: one worker, everything it writes inside its own directory.
nginx_preamble() {
  local dir=$1
  (( EUID != 0 )) || echo "user root;"
  cat <<TEXT
worker_processes 1;
worker_rlimit_nofile $OPEN_FILES;
pid $dir/pid;
error_log $dir/error.log warn;
${NGINX_MODULES:-}
events { worker_connections $(( OPEN_FILES / 2 )); }
http {
  client_body_temp_path $dir/body;
  proxy_temp_path $dir/proxy;
  fastcgi_temp_path $dir/fastcgi;
  uwsgi_temp_path $dir/uwsgi;
  scgi_temp_path $dir/scgi;
TEXT
}
