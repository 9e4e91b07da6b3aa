# One self-signed ECDSA P-256 certificate for every contestant, so that handshakes cost all the same.

make_certificate() {
  CERTIFICATE=$SCRATCH/tls.crt
  PRIVATE_KEY=$SCRATCH/tls.key
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$PRIVATE_KEY" -out "$CERTIFICATE" 2> /dev/null
  chmod 600 "$PRIVATE_KEY"
  cat "$CERTIFICATE" "$PRIVATE_KEY" > "$SCRATCH/tls.pem"
  chmod 600 "$SCRATCH/tls.pem"
}
