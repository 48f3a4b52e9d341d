#!/bin/bash
# SPDX-License-Identifier: MIT
# Which ends of the channels between workers and refresher a worker has: one that
# was taken over by a stranger is neither to read what others are told, nor to
# speak for them or for the refresher.
. "$(dirname "$0")/lib.sh"
. "$BB_SOURCE/lib-upgrade.sh"

need_root_for_all "a worker has its own end of its own channel, and no other"

# ends_of PID: the inodes of its ends of channels, which are the only sockets
# of their kind, sorted.
ends_of() {
  comm -12 <(awk '$5 == "0005" { print $7 }' /proc/net/unix | sort) \
    <(find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' | tr -cd '0-9\n' |
      sort)
}

# apart NUMBER PID...: so many workers, and each has one end of its own.
# shellcheck disable=SC2317 # await evaluates it
apart() {
  local number=$1 pid
  shift
  [ $# -eq "$number" ] || return
  for pid in "$@"; do
    [ "$(ends_of "$pid" | wc -l)" -eq 1 ] || return
  done
  [ "$(for pid in "$@"; do ends_of "$pid"; done | sort -u | wc -l)" -eq "$number" ]
}

# workers MASTER...: of all of them.
workers() {
  local pid
  for pid in "$@"; do
    children_of "$pid" worker
  done
}

# hold: a caller's connection, for which the workers before it wait.
hold() {
  exec 5<>"/dev/tcp/127.0.0.1/${URL##*:}"
  printf 'HEAD /token HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5
  await "read -r -t 1 line <&5 && [[ \$line == $'\r' ]]"
}

use_copy
start_stub -l 600
start_bearerd --workers=3 --log-level=info --control-socket="$BB_DIR/control"
MASTER=$(pid_of bearerd)

it "a worker has its own end of its own channel, and no other"
await "apart 3 \$(workers $MASTER)"

it "one that takes the place of another has the same end"
victim=$(workers "$MASTER" | head -n 1)
end=$(ends_of "$victim")
kill -s KILL "$victim"
await "[ \$(workers $MASTER | wc -l) -eq 3 ] && ! is_running $victim"
next=$(workers "$MASTER" | tail -n 1)
await "[ \$(ends_of $next | wc -l) -eq 1 ]"
assert_eq "$end" "$(ends_of "$next")" "its end"
await "apart 3 \$(workers $MASTER)"

it "workers of a reload have no ends of those that still drain"
hold
kill -s HUP "$MASTER"
await "[ \$(log_count 'was reloaded') -eq 1 ]"
await "apart 4 \$(workers $MASTER)"
exec 5>&-
await "[ \$(workers $MASTER | wc -l) -eq 3 ]"

it "nor have those of another program that takes over"
hold
before=$MASTER
upgrade
await "apart 4 \$(workers $before $MASTER)"
exec 5>&-
await "! is_running $before" 20
await "apart 3 \$(workers $MASTER)"

finish
