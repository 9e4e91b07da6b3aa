# An RS256 access token for the contestants that have no token service of their own: same algorithm, key size and claims as the gateway's.

base64url() {
  openssl base64 -A | tr '+/' '-_' | tr -d '='
}

make_token() {
  local key=$SCRATCH/token.key text now
  TOKEN_PUBLIC_KEY=$SCRATCH/token.pub
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$key" 2> /dev/null \
    || openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$key" 2> /dev/null
  openssl pkey -in "$key" -pubout -out "$TOKEN_PUBLIC_KEY"
  now=${EPOCHREALTIME%[.,]*}
  text=$(printf '{"alg":"RS256","typ":"at+jwt","kid":"bench"}' | base64url).$(
    printf '{"iss":"https://bench.example","aud":"https://bench.example","sub":"bench","client_id":"bench","iat":%d,"exp":%d,"jti":"%s","scope":"demo:read"}' \
      "$now" $(( now + 86400 )) "$(openssl rand -hex 16)" | base64url)
  TOKEN=$text.$(printf %s "$text" | openssl dgst -sha256 -sign "$key" -binary | base64url)
}
