# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # the scripts read what is set here
#
# lib-run.sh - what script/run and examples/demo/run share: building in
# build/run, starting programs, and ending them.

BUILD=$ROOT/build/run
LOG=$BUILD/build.log
WORK='' # a folder for this run: sockets, logs
SHM=/bearerd-run-$$
STARTED=() # pids, in the order of their start

# End what was started, the last first; called at every exit.
stop_all() {
  local i
  trap '' INT TERM HUP
  for ((i = ${#STARTED[@]} - 1; i >= 0; i--)); do
    kill -s TERM "${STARTED[i]}" 2>/dev/null || continue
    wait "${STARTED[i]}" 2>/dev/null
  done
  [ -z "$WORK" ] || rm -rf "$WORK"
  rm -f "/dev/shm$SHM"
  say "stopped: bearerd and all that was started with it"
}

# start COMMAND...: in the background, out of reach of the terminal's Ctrl-C,
# so that the order of the end is ours.
start() {
  setsid "$@" </dev/null &
  STARTED+=("$!")
}

# await FILE-TEST PATH: until it is there.
await() {
  local i
  for ((i = 0; i < 200; i++)); do
    test "$1" "$2" && return 0
    sleep 0.05
  done
  die "$2 did not come to be; see $WORK"
}

build() {
  local ui
  say "building in $BUILD (log: $LOG)"
  mkdir -p "$BUILD"
  ui=$(with_swagger_ui "$BUILD/npm" 2>"$BUILD/npm.log") ||
    say "no Swagger UI, since npm does not get it: /docs is a plain page"
  { copy_source "$BUILD/src" &&
    configure_in "$BUILD/main" "$BUILD/src" ${ui:+"$ui"} &&
    make -C "$BUILD/main" -s -j "$JOBS"; } >"$LOG" 2>&1 || {
    tail -n 20 "$LOG" >&2
    die "the build failed"
  }
}

# begin: the folder, and the end whatever happens.
begin() {
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/bearerd-run.XXXXXX")
  trap stop_all EXIT
  trap 'exit 130' INT TERM HUP
}

# start_redis: on a Unix socket; sets REDIS_HOST.
start_redis() {
  provide_redis_server "$BUILD/tools"
  say "starting a Redis of our own: $WORK/redis.sock"
  start redis-server --port 0 --unixsocket "$WORK/redis.sock" --save '' \
    --appendonly no --dir "$WORK" --logfile "$WORK/redis.log"
  await -S "$WORK/redis.sock"
  export REDIS_HOST=$WORK/redis.sock
}
