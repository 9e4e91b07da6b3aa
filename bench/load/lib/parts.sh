# Everything that run.sh and reloads.sh share. Sourced first, with BENCH set.

export LC_ALL=C.UTF-8
REPOSITORY=$(cd "$BENCH/../.." && pwd)
for part in "$BENCH"/lib/*.sh "$BENCH"/contestants/*.sh; do
  # shellcheck source=/dev/null
  [[ $part == */parts.sh ]] || source "$part"
done

require_two_cores() {
  if (( $(nproc --all) < 2 )); then
    echo "The bench needs two cores: one for the proxy, one for load and backend." >&2
    exit 1
  fi
}

warn_when_busy() {
  if awk '{ exit !($1 > 0.7) }' /proc/loadavg; then
    echo "Warning: the load average is $(cut -d ' ' -f 1 /proc/loadavg); other work on this machine blurs every figure." >&2
  fi
}
