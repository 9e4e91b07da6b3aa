# Command line of run.sh, and the defaults of everything that can be set.

ROUNDS=5
SECONDS_PER_ROUND=3
WARMUP_SECONDS=5
SCENARIOS=
CONTESTANTS=nginx,haproxy,portcullis
JSON_FILE=
QUICK=no
BUILD=yes
PROXY_CORE=${PROXY_CORE:-1}
LOAD_CORE=${LOAD_CORE:-0}

usage() {
  cat <<'TEXT'
Usage: bench/load/run.sh [options]
  --scenario A,B      only these scenarios (--list names them)
  --contestants A,B   of nginx, haproxy, portcullis; default: all three
  --rounds N          interleaved rounds per scenario; default 5
  --seconds N         length of one round; default 3
  --warm-up N         seconds of load for each contestant before the first round; default 5
  --quick             1 round of 1 second, 1 second of warm-up: shows that it runs, measures nothing worth quoting
  --json FILE         also writes everything measured, round by round
  --no-build          takes the gateway as built
  --list              names the scenarios
Environment: PROXY_CORE (1), LOAD_CORE (0)
TEXT
}

# Prints one line what and one line hint, then ends with status 2 (wrong usage).
refuse_usage() {
  printf '%s\n%s\n' "$1" "See --help." >&2
  exit 2
}

require_number() {
  [[ $2 =~ ^[1-9][0-9]*$ ]] || refuse_usage "$1 needs a whole number above 0, not '$2'"
}

parse_options() {
  while (( $# > 0 )); do
    case $1 in
      --scenario|--contestants|--rounds|--seconds|--warm-up|--json)
        (( $# > 1 )) || refuse_usage "$1 needs a value" ;;&
      --scenario) SCENARIOS=$2; shift ;;
      --contestants) CONTESTANTS=$2; shift ;;
      --rounds) require_number "$1" "$2"; ROUNDS=$2; shift ;;
      --seconds) require_number "$1" "$2"; SECONDS_PER_ROUND=$2; shift ;;
      --warm-up) require_number "$1" "$2"; WARMUP_SECONDS=$2; shift ;;
      --json) JSON_FILE=$(realpath -m "$2"); shift ;;
      --quick) QUICK=yes; ROUNDS=1; SECONDS_PER_ROUND=1; WARMUP_SECONDS=1 ;;
      --no-build) BUILD=no ;;
      --list) list_scenarios; exit 0 ;;
      --help|-h) usage; exit 0 ;;
      *) refuse_usage "unknown option $1" ;;
    esac
    shift
  done
  local contestant
  for contestant in ${CONTESTANTS//,/ }; do
    [[ -f $BENCH/contestants/$contestant.sh ]] || refuse_usage "unknown contestant '$contestant'"
  done
}

has_contestant() {
  [[ ,$CONTESTANTS, == *",$1,"* ]]
}
