# Steps: what they need, and how they are run, two at a time.
# shellcheck shell=bash

# Of each step: what it needs; the command that compiles it and the one that runs it, of which one may be empty.
declare -A needs compiling running
# Of each: the second in which it began; and once it has ended passed, failed, or why it was not run.
declare -A begun results
# Of each process at work: its step, whether that is `compiling` or `running`, and since which second.
declare -A step_of=() phase_of=() since=()

# step NAME NEEDS COMPILING RUNNING
step() {
  needs[$1]=" $2 "
  compiling[$1]=$3
  running[$1]=$4
}

# wants NAME WORD: whether it is among what the step needs.
wants() {
  [[ ${needs[$1]} == *" $2 "* ]]
}

# tools_of NAME: the commands and files that it needs, a line for each.
tools_of() {
  local word
  for word in ${needs[$1]}; do
    case $word in
      alone | bimanix | build | cargo | namespaces | root) ;;
      services) printf '%s\n' $service_tools ;;
      *) printf '%s\n' "$word" ;;
    esac
  done
}

# forbidden NAME: says why this user on this machine may not run it, and fails when nothing is in its way.
forbidden() {
  if wants "$1" root || wants "$1" services; then
    if [ "$EUID" -ne 0 ]; then
      say "it needs root"
      return
    elif ! unshare --mount true 2>/dev/null; then
      say "it mounts file systems, which root may not do here"
      return
    fi
  fi
  local root=()
  [ "$EUID" -eq 0 ] || root=(--map-root-user)
  if wants "$1" namespaces && ! unshare "${root[@]}" --mount true 2>/dev/null; then
    say "it needs mounts of its own, and there are no user namespaces"
    return
  fi
  return 1
}

# lacking NAME: says which of its tools is not there, and fails when all are.
lacking() {
  local tool
  while read -r tool; do
    if ! there "$tool"; then
      say "there is no ${tool/#cc/C compiler} (Debian: $(packages_of "$tool" | sort -u | xargs))"
      return
    fi
  done < <(tools_of "$1")
  return 1
}

# left NAME REASON
left() {
  results[$1]=$2
  say "not run $1: $2"
}

# must_wait NAME: whether something else has to end first. What needs `services` or `cargo` takes turns, since it
# shares names, or a target folder; what needs to be `alone` measures, kills, or fills the machine.
must_wait() {
  local other shared
  [ ${#step_of[@]} -lt "$jobs" ] || return 0
  for other in "${step_of[@]}"; do
    for shared in services cargo; do
      ! wants "$1" "$shared" || ! wants "$other" "$shared" || return 0
    done
    ! wants "$1" alone && ! wants "$other" alone || return 0
  done
  wants "$1" bimanix && [ -z "${results[cargo/build]-}" ]
}

# Runs a command to its end, or to the end of this script, in a session of its own, so that whatever
# it started and left behind is known by that. Zero seconds are no limit.
launch() {
  local name=$1 seconds=0
  local folder=$tmp/${name//\//-}
  [ "$2" == compiling ] || seconds=$limit
  [ -d "$folder" ] || mkdir -m 0755 "$folder"
  local -n commands=$2
  TMPDIR=$folder setsid setpriv --pdeathsig TERM timeout --kill-after=20 "$seconds" \
    bash -c "${commands[$name]}" >>"$folder.log" 2>&1 </dev/null &
  step_of[$!]=$name
  phase_of[$!]=$2
  since[$!]=$SECONDS
}

begin_step() {
  local name=$1
  if wants "$name" bimanix && [ "${results[cargo/build]}" != passed ]; then
    left "$name" "bimanix was not built"
  elif wants "$name" services && ! have_services; then
    left "$name" "the engines did not start"
  else
    say "… $name"
    begun[$name]=$SECONDS
    if [ -n "${compiling[$name]}" ]; then
      launch "$name" compiling
    else
      launch "$name" running
    fi
  fi
}

# have_services: starts them when they are needed first.
have_services() {
  if [ -z "${results[services]-}" ]; then
    if start_services; then
      results[services]=passed
    else
      results[services]=failed
      failed=$((failed + 1))
      say "FAILED to start the engines"
    fi
  fi
  [ "${results[services]}" == passed ]
}

# end_step: waits for one of the processes to end.
end_step() {
  local pid status=0 name phase took
  wait -n -p pid "${!step_of[@]}" || status=$?
  name=${step_of[$pid]}
  phase=${phase_of[$pid]}
  took=$((SECONDS - since[$pid]))
  sweep "$pid"
  unset "step_of[$pid]" "phase_of[$pid]" "since[$pid]"
  if [ "$status" -eq 0 ] && [ "$phase" == compiling ] && [ -n "${running[$name]}" ]; then
    launch "$name" running
    return
  fi
  local seconds=$((SECONDS - begun[$name])) what="exit code $status, $((SECONDS - begun[$name])) s"
  if [ "$status" -eq 0 ]; then
    results[$name]=passed
    passed=$((passed + 1))
    say "ok $name ($seconds s)"
    return
  fi
  if [ "$phase" == compiling ]; then
    what="it does not compile: $what"
  elif [ "$took" -ge "$limit" ] && { [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; }; then
    what="its time was up: it had $limit s; LIMIT=SECONDS tests/run gives more"
  fi
  results[$name]=failed
  failed=$((failed + 1))
  say "FAILED $name ($what)"
  local log=$tmp/${name//\//-}.log
  # Among hundreds of lines that held, those that did not are what one wants to see.
  awk '/^FAILED/ { shown = 1 } /^ok/ { shown = 0 } shown' "$log" | head -n 80 || true
  say "--- the end of its log"
  tail -n 40 "$log"
  say "---"
}

# run_steps NAME…: two at a time, in this order but for those that have to wait.
run_steps() {
  local name waiting=("$@") still
  while [ $((${#waiting[@]} + ${#step_of[@]})) -gt 0 ]; do
    still=()
    for name in "${waiting[@]}"; do
      if must_wait "$name"; then
        still+=("$name")
      else
        begin_step "$name"
      fi
    done
    waiting=("${still[@]}")
    [ ${#step_of[@]} -eq 0 ] || end_step
  done
}

# Ends what is left of a session, each process by its number.
sweep() {
  local pid
  for pid in $(cat /proc/[0-9]*/stat 2>/dev/null |
    awk -v session="$1" '{ pid = $1; sub(/^.*\) /, ""); if ($4 == session) print pid }'); do
    kill -KILL "$pid" 2>/dev/null || true
  done
}

stop_steps() {
  local pid
  for pid in "${!step_of[@]}"; do
    kill "$pid" 2>/dev/null
  done
  for pid in "${!step_of[@]}"; do
    wait "$pid" 2>/dev/null
    sweep "$pid"
  done
  step_of=()
}
