# The scratch directory and the end of the script, however it comes.

open_scratch() {
  SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/portcullis-bench.XXXXXX")
  trap close_scratch EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  : > "$SCRATCH/rounds"
  : > "$SCRATCH/invalid"
  : > "$SCRATCH/scenarios"
  open_pause
  OPEN_FILES=$(ulimit -Hn)
  [[ $OPEN_FILES != unlimited ]] && (( OPEN_FILES < 65536 )) || OPEN_FILES=65536
  ulimit -n "$OPEN_FILES"
}

close_scratch() {
  local status=$?
  trap - EXIT INT TERM HUP
  end_all
  rm -rf "$SCRATCH"
  exit "$status"
}
