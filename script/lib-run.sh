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
  [ ${#STARTED[@]} -eq 0 ] ||
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

# build_step WHAT COMMAND...: a part of the build, which is quiet otherwise.
build_step() {
  local what=$1 from=$SECONDS
  shift
  printf '    %s ...' "$what"
  "$@" >>"$LOG" 2>&1 || {
    printf ' failed:\n'
    tail -n 20 "$LOG" >&2
    die "the build failed; all that was said is in $LOG"
  }
  printf ' done after %d s\n' $((SECONDS - from))
}

build() {
  local ui
  say "building in $BUILD (the first time takes a minute or two)"
  mkdir -p "$BUILD"
  : >"$LOG"
  ui=$(with_swagger_ui "$BUILD/ui" 2>"$BUILD/ui.log") ||
    say "/docs will be a plain page that cannot send requests: $(tail -n 1 \
      "$BUILD/ui.log")"
  build_step "copying the source, making configure" copy_source "$BUILD/src"
  build_step "configuring" configure_in "$BUILD/main" "$BUILD/src" ${ui:+"$ui"}
  build_step "compiling" make -C "$BUILD/main" -s -j "$JOBS"
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
