#!/bin/bash
# SPDX-License-Identifier: MIT
# The counters that all processes share: which process can write to them.
. "$(dirname "$0")/lib.sh"

need_root_for_all "a process may write to its own part alone" # to look into it

# writable PID: bytes of shared memory that a process may write to.
writable() {
  local range rights sum=0
  while read -r range rights _; do
    [[ $rights == ?w?s ]] || continue
    sum=$((sum + 0x${range#*-} - 0x${range%-*}))
  done <"/proc/$1/maps"
  echo $sum
}

# pid_titled NAME REGEX: the children of that bearerd with this title.
pid_titled() {
  children_of "$(pid_of "$1")" "$2"
}

# others_are_safe NAME: of the counters a worker may write to its block alone,
# a refresher to its own and the tokens'; the segment is the refresher's.
others_are_safe() {
  local page
  page=$(getconf PAGESIZE)
  await "curl -sf -m 2 '$ADMIN/readyz'" 15
  assert_eq "$page" "$(writable "$(pid_titled "$1" 'worker 0')")" \
    "bytes that worker 0 may write"
  assert_eq "$page" "$(writable "$(pid_titled "$1" 'worker 1')")" \
    "bytes that worker 1 may write"
  assert_between $((2 * page)) $((24 * page)) \
    "$(writable "$(pid_titled "$1" refresher)")" \
    "bytes that the refresher may write"
  expect_status 200 "$URL/token"
  assert_eq 1 "$(metric 'bearerd_answers_total{token="token",source="shm"}')" \
    "answers counted"
}

start_stub -l 600

it "a process may write to its own part alone"
start_bearerd --workers=2
others_are_safe bearerd
stop bearerd

it "also where the kernel has no files without a name for us"
if ! pkg-config --exists libseccomp || ! "${CC:-cc}" -o "$BB_DIR/deny_calls" \
  -iquote "$BUILD" "$BB_SOURCE/deny_calls.c" -lseccomp 2>"$BB_DIR/cc.log"; then
  skip "needs a compiler and libseccomp"
else
  BEARERD_WRAP="$BB_DIR/deny_calls -l memfd_create --"
  start_bearerd -n bare --workers=2
  others_are_safe bare
  stop bare
fi

finish
