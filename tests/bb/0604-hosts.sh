#!/bin/bash
# SPDX-License-Identifier: MIT
# Hosts that lack something, or grant less than they have.
. "$(dirname "$0")/lib.sh"

start_stub -l 600

it "on a kernel without IPv6 all addresses are those of IPv4"
if [ -n "$BEARERD_WRAP" ] || ldd "$BEARERD" | grep -q -E 'lib[at]san'; then
  skip "what wraps the program, or is built into it, makes calls of its own"
else
  gcc -O1 -iquote "$BUILD" -o "$BB_DIR/deny_calls" "$BB_SOURCE/deny_calls.c" \
    -lseccomp || bail "deny_calls does not compile"
  BEARERD_WRAP="$BB_DIR/deny_calls -6 --"
  port=$(free_port)
  start_bearerd -n four --listen="*:$port" --allow-unauthenticated=yes
  URL=http://127.0.0.1:$port
  expect_status 200 "$URL/token"
  assert_log four "listen \*:$port: IPv6 is not available here; its addresses are left out"
  stop four

  it "an address of IPv6 alone is an error there, in words"
  start_bearerd -n six -x --listen="[::1]:$port"
  reap "$(pid_of six)" 10
  assert_ne 0 "$EXIT_STATUS" "exit status"
  assert_log six "listen \[::1\]:$port: Address family not supported"
  BEARERD_WRAP=
fi

# group FILE...: make a group, and another in it that has no quota of its own;
# sets OUTER and INNER.  Fails where that is not allowed.
OUTER='' INNER=''
group() {
  OUTER=$1/bearerd-test-$$ INNER=$1/bearerd-test-$$/inner
  mkdir "$OUTER" "$INNER" 2>/dev/null
}

it "as many workers as the quota of the group, or of one above it, allows"
if [ "$(nproc)" -lt 2 ]; then
  skip "there is one processor"
elif group /sys/fs/cgroup/cpu &&
  echo 100000 >"$OUTER/cpu.cfs_period_us" &&
  echo 100000 >"$OUTER/cpu.cfs_quota_us"; then
  :
elif [ -e /sys/fs/cgroup/cgroup.controllers ] && group /sys/fs/cgroup &&
  echo '100000 100000' 2>/dev/null >"$OUTER/cpu.max"; then
  :
else
  rmdir "$INNER" "$OUTER" 2>/dev/null
  OUTER=''
  skip "no control group with a quota can be made here"
fi
if [ -n "$OUTER" ]; then
  printf '#!/bin/sh\necho $$ >%s/cgroup.procs && exec "$@"\n' "$INNER" \
    >"$BB_DIR/in-group"
  chmod +x "$BB_DIR/in-group"
  BEARERD_WRAP="$BB_DIR/in-group"
  start_bearerd -n quota
  assert_eq 1 "$(children_of "$(pid_of quota)" worker | wc -l)" "workers"
  stop quota
  BEARERD_WRAP=
  rmdir "$INNER" "$OUTER"
fi

finish
