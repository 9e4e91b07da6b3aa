# Starting, watching and ending processes; every process started here is ended by its id when the script ends.

STARTED=()
CLOCK_TICKS=$(getconf CLK_TCK)

# spawn CORE LOG COMMAND… : runs the command pinned to one core. Sets SPAWNED to its process id.
spawn() {
  local core=$1 log=$2
  shift 2
  taskset -c "$core" "$@" > "$log" 2>&1 < /dev/null &
  SPAWNED=$!
  STARTED+=("$SPAWNED")
}

# end PID : SIGTERM, up to 10 s of patience, SIGKILL.
end() {
  local pid=$1 tries
  kill -TERM "$pid" 2> /dev/null || true
  for (( tries = 0; tries < 200; tries++ )); do
    running "$pid" || break
    pause 0.05
  done
  local left
  for left in $(tree "$pid"); do
    kill -KILL "$left" 2> /dev/null || true
  done
  wait "$pid" 2> /dev/null || true
  local kept=() other
  for other in "${STARTED[@]}"; do
    [[ $other == "$pid" ]] || kept+=("$other")
  done
  STARTED=("${kept[@]}")
}

end_all() {
  local pid
  for pid in "${STARTED[@]}"; do
    end "$pid"
  done
}

running() {
  local line
  { read -r line < "/proc/$1/stat"; } 2> /dev/null || return 1
  [[ ${line##*) } != Z* ]]
}

# tree PID : the process and all its descendants.
tree() {
  local child
  [[ -d /proc/$1 ]] || return 0
  echo "$1"
  # shellcheck disable=SC2013 # the file is one line of numbers
  for child in $(cat "/proc/$1"/task/*/children 2> /dev/null); do
    tree "$child"
  done
}

# cpu_micros PID : user and system time of the process tree so far, in microseconds (proc(5), fields 14 and 15).
cpu_micros() {
  local pid line ticks=0 fields
  for pid in $(tree "$1"); do
    { read -r line < "/proc/$pid/stat"; } 2> /dev/null || continue
    read -r -a fields <<< "${line##*) }"
    ticks=$(( ticks + fields[11] + fields[12] ))
  done
  echo $(( ticks * (1000000 / CLOCK_TICKS) ))
}

# rss_kib PID : resident memory of the process tree. Pages that a master shares with its workers count in each.
rss_kib() {
  local pid key value rest sum=0
  for pid in $(tree "$1"); do
    while read -r key value rest; do
      [[ $key != VmRSS: ]] || sum=$(( sum + value ))
    done < <(cat "/proc/$pid/status" 2> /dev/null)
  done
  echo "$sum"
}

# open_files PID : descriptors of the process tree.
open_files() {
  local pid sum=0 list
  for pid in $(tree "$1"); do
    list=(/proc/"$pid"/fd/*)
    sum=$(( sum + ${#list[@]} ))
  done
  echo "$sum"
}

# Descriptor 9 is a pipe that nobody writes to: reading it with a time-out pauses without a process.
open_pause() {
  local pipe
  pipe=$SCRATCH/pause
  mkfifo "$pipe"
  exec 9<> "$pipe"
}

pause() {
  local nothing
  read -r -t "$1" -u 9 nothing || true
}

now_micros() {
  echo "${EPOCHREALTIME/[.,]/}"
}

# threads PID : of the process tree.
threads() {
  local pid sum=0 list
  for pid in $(tree "$1"); do
    list=(/proc/"$pid"/task/*)
    sum=$(( sum + ${#list[@]} ))
  done
  echo "$sum"
}
