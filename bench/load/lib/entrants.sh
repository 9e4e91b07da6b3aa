# An entrant is a contestant in one variant, running, on the proxy core.

declare -A ENTRANT_PID=() ENTRANT_DIR=() ENTRANT_HTTP=() ENTRANT_TLS=() ENTRANT_ADMIN=() ENTRANT_TOKEN=()

prepare_entrant() {
  local entrant=$1 contestant=${1%%:*} variant=${1#*:}
  [[ $variant != "$entrant" ]] || variant=plain
  local dir=$SCRATCH/entrants/${entrant/:/-}
  rm -rf "$dir"
  mkdir -p "$dir"
  free_port; ENTRANT_HTTP[$entrant]=$FREE_PORT
  free_port; ENTRANT_TLS[$entrant]=$FREE_PORT
  free_port; ENTRANT_ADMIN[$entrant]=$FREE_PORT
  ENTRANT_DIR[$entrant]=$dir
  ENTRANT_TOKEN[$entrant]=
  "${contestant}_prepare" "$variant" "$dir" "${ENTRANT_HTTP[$entrant]}" "${ENTRANT_TLS[$entrant]}" "${ENTRANT_ADMIN[$entrant]}"
}

# Starts a prepared entrant and waits until it answers.
launch_entrant() {
  local entrant=$1 contestant=${1%%:*}
  "${contestant}_launch" "${ENTRANT_DIR[$entrant]}"
  ENTRANT_PID["$entrant"]=$SPAWNED
  if ! wait_for_http "$SPAWNED" "${ENTRANT_HTTP[$entrant]}" "$(first_path)" 30; then
    invalid "$entrant" "did not start, or does not answer as it should"
    tail -n 5 "${ENTRANT_DIR[$entrant]}/log" | cut -c 1-400 >&2
    end_entrant "$entrant"
    return 1
  fi
}

start_entrant() {
  local entrant=$1 contestant=${1%%:*} variant=${1#*:}
  [[ $variant != "$entrant" ]] || variant=plain
  prepare_entrant "$entrant"
  launch_entrant "$entrant" || return 1
  if ! ENTRANT_TOKEN[$entrant]=$("${contestant}_authorize" "$variant" "${ENTRANT_DIR[$entrant]}" "${ENTRANT_HTTP[$entrant]}"); then
    invalid "$entrant" "gave no token"
    end_entrant "$entrant"
    return 1
  fi
  if ! check_answer "$entrant"; then
    end_entrant "$entrant"
    return 1
  fi
}

end_entrant() {
  [[ -n ${ENTRANT_PID[$1]:-} ]] || return 0
  end "${ENTRANT_PID[$1]}"
  unset "ENTRANT_PID[$1]"
}

# A path that the current scenario's routes cover.
first_path() {
  if [[ $routes == yes ]]; then echo /service-1/item; else echo /1k; fi
}
