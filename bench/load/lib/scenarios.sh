# A scenario is a file of plain assignments in scenarios/. These are its keys and their defaults.

ROUTE_COUNT=10000

load_scenario() {
  title=             # one line for the table
  kind=load          # load: as fast as it goes; offered: at a fixed rate; idle: memory of idle connections; start: time to the first answer
  entrants="nginx haproxy portcullis"   # CONTESTANT or CONTESTANT:VARIANT, variants are plain (default), policies, routes, waf; the first is the base of the ratios
  compare=()         # "ENTRANT BASE FIGURE [GOAL]", printed below the table; FIGURE is a key that measure.sh records; BASE - is no base: the figure itself.
                     # A goal is the highest ratio (or figure) that meets it; for rate the lowest
  scheme=http
  protocol=h1        # h1 or h2
  method=GET
  path=/1k
  expect=1k          # file whose content the answer must have
  body=              # file that is sent
  headers=()         # field lines that are sent
  connections=64
  streams=1          # at once on one HTTP/2 connection
  close=no           # yes: one request per connection
  routes=no          # yes: the requests walk through ROUTE_COUNT paths
  rate=0             # requests per second offered, for kind=offered
  # shellcheck source=/dev/null
  source "$BENCH"/scenarios/[0-9][0-9]-"$1".conf
}

list_scenarios() {
  local name
  for name in $(all_scenarios); do
    load_scenario "$name"
    printf '%-12s %s\n' "$name" "$title"
  done
}

# The number that a file's name starts with is its place in the report; the rest is the scenario's name.
all_scenarios() {
  local file
  for file in "$BENCH"/scenarios/[0-9][0-9]-*.conf; do
    file=${file##*/[0-9][0-9]-}
    echo "${file%.conf}"
  done
}

# Sets NAMES to the scenarios asked for, or all.
choose_scenarios() {
  local name
  mapfile -t NAMES < <(all_scenarios)
  [[ -n $SCENARIOS ]] || return 0
  for name in ${SCENARIOS//,/ }; do
    [[ " ${NAMES[*]} " == *" $name "* ]] || refuse_usage "unknown scenario '$name'; --list names them"
  done
  IFS=, read -r -a NAMES <<< "$SCENARIOS"
}

# The entrants of the current scenario whose contestants take part. Each is a process of its own.
chosen_entrants() {
  local entrant
  for entrant in $entrants; do
    ! has_contestant "${entrant%%:*}" || echo "$entrant"
  done
}
