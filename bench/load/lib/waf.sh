# What the waf scenarios send, and the rules that the entrants run.

# rule_files : the files of the rule set, one a line, in order.
rule_files() {
  echo "$BENCH/waf/engine.conf"
  if [[ -n ${CRS4:-} ]]; then
    printf '%s\n' "$CRS4/crs-setup.conf.example" "$CRS4/rules/*.conf"
  else
    printf '%s\n' /etc/modsecurity/crs/crs-setup.conf "/usr/share/modsecurity-crs/rules/*.conf"
  fi
}

# What a browser sends with every request.
browser_headers() {
  headers+=(
    "Host: www.example.com"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    "Accept-Language: en-US,en;q=0.5"
    "Accept-Encoding: gzip, deflate, br"
    "Referer: https://www.example.com/shop/list?page=2"
    "Cookie: session=3f2a9c1be8d74f60a1b2; theme=dark; _ga=GA1.2.1234567890.1700000000"
  )
}

# Bodies of the waf scenarios, in the files folder.
make_waf_bodies() {
  local number items=() fields=()
  for (( number = 1; number <= 9; number++ )); do
    items+=("{\"sku\":\"SKU-$number\",\"name\":\"Item number $number\",\"quantity\":$number,\"price\":$number.95}")
  done
  printf '{"order":{"id":"A-2049","customer":{"name":"Maria Lindqvist","email":"maria@example.com","address":{"street":"Storgatan 12","city":"Uppsala","zip":"75331"}},"items":[%s],"note":"Please deliver after 5 pm, ring the bell twice. The gate code is on the invoice; if nobody is at home, leave it with the neighbours on the left."}}' \
    "$(IFS=,; echo "${items[*]}")" > "$SCRATCH/files/json"
  for (( number = 1; number <= 26; number++ )); do
    fields+=("field$number=some+text+value+$number+with+words")
  done
  (IFS='&'; printf '%s' "${fields[*]}") > "$SCRATCH/files/form"
  {
    for number in title description; do
      printf -- '--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\nsome value of %s\r\n' "$MULTIPART_BOUNDARY" "$number" "$number"
    done
    printf -- '--%s\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' "$MULTIPART_BOUNDARY"
    head -c 9700 "$SCRATCH/files/10k"
    printf -- '\r\n--%s--\r\n' "$MULTIPART_BOUNDARY"
  } > "$SCRATCH/files/multipart"
}

MULTIPART_BOUNDARY=----formBoundary7MA4YWxkTrZu0gW

# check_blocking ENTRANT URL : an injection must be refused; else the work is not done.
check_blocking() {
  local answer arguments=() header
  for header in "${headers[@]}"; do
    [[ $header == Content-* ]] || arguments+=(-H "$header")
  done
  answer=$(curl -sS --max-time 10 -o "$SCRATCH/answer" -w '%{http_code}' "${arguments[@]}" "$2?id=1%27%20or%20%271%27=%271%27%20--%20" ) || true
  [[ $answer == 403 ]] || { invalid "$1" "answered '$answer' where an injection should have been refused"; return 1; }
}
