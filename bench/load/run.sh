#!/usr/bin/env bash
# Measures the gateway side by side with nginx and HAProxy on this machine. See README.md.
set -euo pipefail
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
source "$BENCH/lib/parts.sh"

parse_options "$@"
choose_scenarios
require_two_cores
install_needed
! has_contestant portcullis || portcullis_build
open_scratch
MACHINE=$(describe_machine)
warn_when_busy
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
