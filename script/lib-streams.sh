# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib-streams.sh - stages of script/test two at a time: most of them wait more
# than they compute, so one that waits runs beside one that computes.  Output of
# a stage is kept in a file, and shown in one piece when the stage ends.

# Each list is run in its order, which decides who runs beside whom: fleet
# beside stages of one process.  Those that share a cache or a build are in one
# list; "main" is built before.  Both lists take about the same time.
STREAM_WAIT="fleet trust gateways system api oauth examples distribution"
STREAM_WAIT="$STREAM_WAIT container kubernetes"
STREAM_COMPUTE="lint unit mutants shell manual model instructions compilers"
STREAM_COMPUTE="$STREAM_COMPUTE fuzz valgrind analysis"
# Last, and one at a time: the black-box tests run several at once as it is,
# busy brings a load of its own, comparison has a clock.  The stage blackbox is
# not among them: newcomer runs the same tests, on a machine of its own.
STREAM_ALONE="newcomer sanitizers busy comparison"

STREAMS=()           # what each has yet to run
declare -A RUNNING=() # pid -> "STREAM STAGE BEGUN"

# in_order LIST STAGES: those of the list that are wanted.
in_order() {
  local stage
  for stage in $1; do
    [[ " $2 " != *" $stage "* ]] || printf '%s ' "$stage"
  done
}

# apart STAGE: in a process of its own; what it counts goes into a file.
apart() {
  set +m
  PASSED=0 FAILED=0 SKIPPED=0 FAILURES=()
  STAGE=$1
  "stage_$1"
  printf '%s\n' "$PASSED $FAILED $SKIPPED" ${FAILURES[@]+"${FAILURES[@]}"} \
    >"$LOGS/stage-$1.counts"
}

# begin STREAM: its next stage, if there is one.
begin() {
  local stage
  read -r stage STREAMS["$1"] <<<"${STREAMS[$1]}"
  [ -n "$stage" ] || return 0
  say "$stage begins (after $((SECONDS - started)) s)"
  rm -f "$LOGS/stage-$stage.counts"
  set -m # gives it a process group, for stop_streams
  apart "$stage" >"$LOGS/stage-$stage.log" 2>&1 </dev/null &
  set +m
  RUNNING[$!]="$1 $stage $SECONDS"
}

# gather STAGE SECONDS: show and count a stage that has ended.
gather() {
  local STAGE=$1 counts=$LOGS/stage-$1.counts passed failed skipped names=()
  say "$1: $("about_$1") ($2 s, until $((SECONDS - started)) s)"
  cat "$LOGS/stage-$1.log"
  TIMES="$TIMES, $1 $2"
  [ -s "$counts" ] || { flunk "comes to its end" && return; }
  { read -r passed failed skipped && mapfile -t names; } <"$counts"
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed))
  SKIPPED=$((SKIPPED + skipped))
  FAILURES+=(${names[@]+"${names[@]}"})
}

stop_streams() {
  local pid
  trap '' INT TERM
  for pid in "${!RUNNING[@]}"; do
    kill -s TERM -- "-$pid"
  done
  wait
  exit 130
}

# run_pair: all that STREAMS has.
run_pair() {
  local pid stream stage begun
  begin 0
  begin 1
  while [ ${#RUNNING[@]} -gt 0 ]; do
    sleep 0.2
    for pid in "${!RUNNING[@]}"; do
      ! kill -0 "$pid" 2>/dev/null || continue
      read -r stream stage begun <<<"${RUNNING[$pid]}"
      unset "RUNNING[$pid]"
      gather "$stage" $((SECONDS - begun))
      begin "$stream"
    done
  done
}

# run_streams STAGES: two at a time, and then those that want to be alone.
run_streams() {
  trap stop_streams INT TERM
  STREAMS=("$(in_order "$STREAM_WAIT" "$1")" \
    "$(in_order "$STREAM_COMPUTE" "$1")")
  run_pair
  STREAMS=("$(in_order "$STREAM_ALONE blackbox" "$1")" "")
  run_pair
  trap - INT TERM
}
