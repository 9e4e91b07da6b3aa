# Installs what the bench needs from Debian, without letting the packages start their services.

# Maps commands (or files) that must exist to the packages that bring them.
NEEDED=(
  nginx:nginx haproxy:haproxy h2load:nghttp2-client wrk:wrk jq:jq openssl:openssl curl:curl
  /usr/lib/nginx/modules/ngx_http_lua_module.so:libnginx-mod-http-lua
  /usr/lib/nginx/modules/ngx_http_modsecurity_module.so:libnginx-mod-http-modsecurity
  /usr/share/modsecurity-crs/rules/REQUEST-901-INITIALIZATION.conf:modsecurity-crs
)

# nginx and HAProxy live in /usr/sbin, which an ordinary user's PATH lacks.
PATH=$PATH:/usr/sbin:/sbin

install_needed() {
  local pair packages=()
  for pair in "${NEEDED[@]}"; do
    [[ -e ${pair%%:*} ]] || command -v "${pair%%:*}" > /dev/null || packages+=("${pair#*:}")
  done
  if (( ${#packages[@]} > 0 )); then
    echo "Installing ${packages[*]} …" >&2
    install_packages "${packages[@]}"
  fi
  if has_contestant portcullis && ! command -v dotnet > /dev/null; then
    echo "The .NET 10 SDK is missing." >&2
    echo "Install it (dotnet.microsoft.com), or leave the gateway out: --contestants nginx,haproxy" >&2
    exit 1
  fi
}

install_packages() {
  local as_root=() guard=/usr/sbin/policy-rc.d guarded=no
  (( EUID == 0 )) || as_root=(sudo)
  # Debian asks this script before a package starts a service; 101 means no (invoke-rc.d(8)).
  if [[ ! -e $guard ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$guard" > /dev/null
    "${as_root[@]}" chmod 755 "$guard"
    guarded=yes
  fi
  local status=0 log
  log=$(mktemp)
  { "${as_root[@]}" apt-get update -qq \
    && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@"; } > "$log" 2>&1 || status=$?
  (( status == 0 )) || cat "$log" >&2
  rm -f "$log"
  [[ $guarded == no ]] || "${as_root[@]}" rm -f "$guard"
  return "$status"
}
