# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # the tests read what is set here
#
# lib-start.sh - the half of lib.sh that starts and ends programs.

PORT_CLAIMS=${TMPDIR:-/tmp}/bearerd-ports # files: who has chosen which

# free_port: a TCP port of 127.0.0.1 that nobody listens on, below the range
# that the kernel takes for outgoing connections; no other test, nor one of
# another run or user, chooses it until this one is over.
free_port() {
  local port claim
  mkdir -m 1777 "$PORT_CLAIMS" 2>/dev/null
  while :; do
    port=$((20000 + SRANDOM % 12000)) claim=$PORT_CLAIMS/$port
    if ! (set -C && echo $$ >"$claim") 2>/dev/null && [ -e "$claim" ]; then
      [ -d "/proc/$(cat "$claim" 2>/dev/null)" ] || rm -f "$claim"
      continue
    fi
    echo "$port" >>"$BB_DIR/ports"
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
    echo "$port"
    return
  done
}

# Of all that this test has chosen.
give_ports_back() {
  local port
  [ -e "$BB_DIR/ports" ] || return
  while read -r port; do
    rm -f "$PORT_CLAIMS/$port"
  done <"$BB_DIR/ports"
}

# name_of_loopback: localhost, or where no file explains that, a spelling of
# 127.0.0.1 that is no address for inet_pton(3): it goes the way of names.
name_of_loopback() {
  getent hosts localhost >/dev/null && echo localhost || echo 0x7f000001
}

# spawn NAME COMMAND...: in the background, in a session of its own, with its
# output in NAME.log.  pid_of NAME has the pid.
spawn() {
  local name=$1
  shift
  setsid "$@" </dev/null >>"$BB_DIR/$name.log" 2>&1 &
  PID_OF["$name"]=$!
  PIDS[$!]=$name
  echo "$!" >>"$BB_DIR/pids"
}

pid_of() {
  echo "${PID_OF[$1]}"
}

is_running() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  [[ ! ${stat##*) } =~ ^Z ]]
}

# session_of PID: the living processes of the session that spawn made.
session_of() {
  local file stat fields
  for file in /proc/[0-9]*/stat; do
    { read -r stat <"$file"; } 2>/dev/null || continue
    read -r -a fields <<<"${stat##*) }"
    if [ "${fields[3]}" = "$1" ] && [ "${fields[0]}" != Z ]; then
      echo "${stat%% *}"
    fi
  done
}

# children_of PID [TITLE-REGEX]: its child processes, by title.
children_of() {
  local child
  # shellcheck disable=SC2013 # they are words of one line
  for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
    if tr '\0' ' ' 2>/dev/null <"/proc/$child/cmdline" | grep -q -E "${2:-.}"; then
      echo "$child"
    fi
  done
}

# adopt NAME PID: a process that a started one leaves behind on purpose, as at
# a change of the program, is ended with the others.
adopt() {
  PID_OF["$1"]=$2
  ADOPTED+=("$2")
}

# reap PID SECONDS: wait for a started process to end, kill it when it takes
# longer, and see to it that it leaves none of its own behind.  Sets
# EXIT_STATUS.  The pid is ours until the very end, so nobody else is hit.
reap() {
  local pid=$1 left='' from REPLY
  from=$(now_ms)
  while is_running "$pid"; do
    patience "$2"
    [ $(($(now_ms) - from)) -lt "$REPLY" ] || break
    sleep 0.02
  done
  if is_running "$pid"; then
    fail "process $pid did not end within $2 s"
    kill -s KILL "$pid"
  fi
  from=$(now_ms)
  while [ ${#ADOPTED[@]} -eq 0 ] && left=$(session_of "$pid") &&
    [ -n "$left" ]; do
    patience 2
    [ $(($(now_ms) - from)) -lt "$REPLY" ] || break
    sleep 0.02
  done
  if [ -n "$left" ]; then
    fail "processes outlive their master $pid: $left"
    # shellcheck disable=SC2086 # a list of pids
    kill -s KILL $left
  fi
  wait "$pid" 2>/dev/null
  EXIT_STATUS=$?
  unset "PIDS[$pid]"
}

# stop NAME [SIGNAL=TERM] [SECONDS=20]: signal it and wait for its end; sets
# EXIT_STATUS.  Fails the case, and kills, when it takes longer.
stop() {
  kill -s "${2:-TERM}" "${PID_OF[$1]}"
  reap "${PID_OF[$1]}" "${3:-20}"
}

# End all that was started and is still there.
stop_all() {
  local pid name
  for pid in ${ADOPTED[@]+"${ADOPTED[@]}"} "${!PIDS[@]}"; do
    kill -s TERM "$pid" 2>/dev/null
    kill -s CONT "$pid" 2>/dev/null
  done
  for pid in ${ADOPTED[@]+"${ADOPTED[@]}"}; do
    await "! is_running $pid" 8
  done
  ADOPTED=()
  for pid in "${!PIDS[@]}"; do
    reap "$pid" 8
  done
  for name in ${SHM_NAMES[@]+"${SHM_NAMES[@]}"}; do
    rm -f "/dev/shm$name"
  done
  SHM_NAMES=()
}

# start_redis [-n NAME] [REDIS-OPTION...]: sets REDIS_ADDRESS, REDIS_PORT and
# REDIS_PASSWORD from --bind, --port and --requirepass, or by itself.
start_redis() {
  local name=redis option previous=
  [ "${1:-}" = -n ] && name=$2 && shift 2
  REDIS_ADDRESS=127.0.0.1 REDIS_PORT='' REDIS_PASSWORD=''
  for option in "$@"; do
    case $previous in
    --bind) REDIS_ADDRESS=$option ;;
    --port) REDIS_PORT=$option ;;
    --requirepass) REDIS_PASSWORD=$option ;;
    esac
    previous=$option
  done
  REDIS_PORT=${REDIS_PORT:-$(free_port)}
  spawn "$name" redis-server --port "$REDIS_PORT" --bind "$REDIS_ADDRESS" \
    --save '' --appendonly no --dir "$BB_DIR" "$@"
  await '[ "$(redis PING)" = PONG ]' || bail "redis-server does not start"
}

# start_stub [-n NAME] [STUB-OPTION...]: sets STUB_PORT and STUB_URL.
start_stub() {
  local name=stub
  [ "${1:-}" = -n ] && name=$2 && shift 2
  rm -f "$BB_DIR/$name.port"
  spawn "$name" "$BUILD/tests/bb/stub_backend" -k "$STUB_KEY" \
    -P "$BB_DIR/$name.port" "$@"
  await "[ -s '$BB_DIR/$name.port' ]" || bail "stub_backend does not start"
  STUB_PORT=$(cat "$BB_DIR/$name.port")
  STUB_URL=http://127.0.0.1:$STUB_PORT
}

# start_bearerd [-n NAME] [-l | -x] [-u VARIABLE]... [VARIABLE=VALUE |
# --OPTION=VALUE]...: with the backend and the Redis started last, unless -u
# or a value says otherwise.  Waits until it is ready; -l: until it lives; -x:
# not at all.  Sets URL and ADMIN; its log is NAME.log (bearerd.log).
start_bearerd() {
  local name=bearerd wait_for=readyz port admin_port shm
  local -A variables=()
  local -a options=()
  [ -n "$STUB_URL" ] && variables=([BASE_URL]=$STUB_URL [API_KEY]=$STUB_KEY)
  if [ -n "$REDIS_ADDRESS" ]; then
    variables[REDIS_HOST]=$REDIS_ADDRESS
    [ -n "$REDIS_PASSWORD" ] && variables[REDIS_PW]=$REDIS_PASSWORD
    [ "$REDIS_PORT" != 6379 ] && variables[BEARERD_REDIS_PORT]=$REDIS_PORT
  fi
  while [ $# -gt 0 ]; do
    case $1 in
    -n) name=$2 && shift ;;
    -u) unset "variables[$2]" && shift ;;
    -l) wait_for=healthz ;;
    -x) wait_for= ;;
    -*) options+=("$1") ;;
    *) variables[${1%%=*}]=${1#*=} ;;
    esac
    shift
  done
  # its own calls are not on the daemon's list
  [[ $BEARERD_WRAP == valgrind* ]] && variables[BEARERD_SANDBOX]=off
  INSTANCES=$((INSTANCES + 1))
  port=$(free_port) admin_port=$(free_port)
  shm=/bearerd-test-$$-$INSTANCES
  SHM_NAMES+=("$shm")
  URL=http://127.0.0.1:$port ADMIN=http://127.0.0.1:$admin_port
  set --
  for variable in "${!variables[@]}"; do
    set -- "$@" "$variable=${variables[$variable]}"
  done
  # shellcheck disable=SC2086 # the wrapping command has arguments
  spawn "$name" env -i PATH="$PATH" HOME="$BB_DIR" \
    ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$@" \
    $BEARERD_WRAP "$BEARERD" --shm-name="$shm" --listen="127.0.0.1:$port" \
    --admin-listen="127.0.0.1:$admin_port" ${options[@]+"${options[@]}"}
  [ -n "$wait_for" ] || return 0
  await "! is_running ${PID_OF[$name]} ||
    curl -sf --noproxy '*' -m 2 -o '$BB_DIR/ready' '$ADMIN/$wait_for'" 15
  if ! is_running "${PID_OF[$name]}"; then
    bail "$name ended instead of serving: $(tail -3 "$BB_DIR/$name.log")"
  fi
}
