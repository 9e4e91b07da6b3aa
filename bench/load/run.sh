#!/usr/bin/env bash
# Measures the gateway side by side with nginx and HAProxy on this machine. See README.md.
set -euo pipefail
export LC_ALL=C.UTF-8

BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPOSITORY=$(cd "$BENCH/../.." && pwd)
for part in "$BENCH"/lib/*.sh "$BENCH"/contestants/*.sh; do
  # shellcheck source=/dev/null
  source "$part"
done

parse_options "$@"
choose_scenarios
if (( $(nproc --all) < 2 )); then
  echo "The bench needs two cores: one for the proxy, one for load and backend." >&2
  exit 1
fi
install_needed
! has_contestant portcullis || portcullis_build
open_scratch
MACHINE=$(describe_machine)
if awk '{ exit !($1 > 0.7) }' /proc/loadavg; then
  echo "Warning: the load average is $(cut -d ' ' -f 1 /proc/loadavg); other work on this machine blurs every figure." >&2
fi
make_certificate
make_token
start_backend
for one in "${NAMES[@]}"; do
  run_scenario "$one"
done
print_report
if (( INVALID > 0 )); then
  echo "$INVALID figures are invalid: see above." >&2
  exit 1
fi
