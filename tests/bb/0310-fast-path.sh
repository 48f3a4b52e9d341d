#!/bin/bash
# SPDX-License-Identifier: MIT
# A request does not allocate, make calls beyond its own, or hold memory.
# needs: strace gcc libc6-dev
. "$(dirname "$0")/lib.sh"

if [ -n "$BEARERD_WRAP" ] || ldd "$BEARERD" | grep -q -E 'lib[at]san'; then
  it "a request costs no more than it must"
  skip "an instrumented program allocates for itself"
  exit
fi

keepalive() { # COUNT PATH [CONNECTIONS]
  "$BUILD/tests/perf/keepalive" "${URL##*:}" "$@" || fail "requests failed"
}

worker_of() {
  children_of "$(pid_of "$1")" 'worker'
}

rss_kib() {
  sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

start_stub -l 3600

it "a request allocates nothing"
gcc -O1 -shared -fPIC -iquote "$BUILD" -o "$BB_DIR/count_malloc.so" \
  "$BB_SOURCE/../perf/count_malloc.c" || bail "count_malloc does not compile"
mkdir "$BB_DIR/count"
start_bearerd -n counted --workers=1 "LD_PRELOAD=$BB_DIR/count_malloc.so" \
  "COUNT_MALLOC=$BB_DIR/count"
counted() {
  od -A n -t u8 "$BB_DIR/count/$(worker_of counted)" | tr -d ' '
}
for path in /token /auth /auth/any?query /tokens/token; do
  keepalive 100 "$path"
  before=$(counted)
  keepalive 20000 "$path"
  assert_eq "$before" "$(counted)" "allocations with 20,000 requests for $path"
done
before=$(counted)
"$BUILD/bench/load" -c 8 -d 16 -t 100 "${URL##*:}" /token >"$BB_DIR/load" ||
  fail "pipelined load failed"
assert_eq "$before" "$(counted)" "allocations with pipelined requests"

it "the counter does count: a request in two pieces is kept meanwhile"
exec 3<>"/dev/tcp/127.0.0.1/${URL##*:}"
printf 'GET /token HTTP/1.1\r\n' >&3
await '[ "$(counted)" -gt "$before" ]' 5 || fail "nothing was counted"
printf 'Host: localhost\r\nConnection: close\r\n\r\n' >&3
assert_match '200 OK' "$(cat <&3)"
exec 3>&-

it "a request is one receive, one send and one wait"
need_root # to trace what cannot be looked into
start_bearerd -n traced --workers=1
keepalive 10 /token 1
spawn strace strace -o "$BB_DIR/calls" -p "$(worker_of traced)"
await "grep -q epoll_wait '$BB_DIR/calls'" 5
keepalive 500 /token 1
stop strace INT
assert_between 500 502 "$(grep -c '^recvfrom.* = [1-9]' "$BB_DIR/calls")" receives
assert_eq 500 "$(grep -c '^sendto' "$BB_DIR/calls")" sends
assert_between 0 12 "$(grep -c -v -E '^(recvfrom|sendto|epoll_wait)' \
  "$BB_DIR/calls")" "other calls"
assert_between 500 1530 "$(wc -l <"$BB_DIR/calls")" "all calls"

it "a connection that asks once is never registered for events"
need_root
spawn strace strace -o "$BB_DIR/closes" -p "$(worker_of traced)"
await "grep -q epoll_wait '$BB_DIR/closes'" 5
"$BUILD/bench/load" -c 1 -r -t 100 "${URL##*:}" /token >"$BB_DIR/load" ||
  fail "load failed"
stop strace INT
accepted=$(grep -c '^accept4.* = [0-9]' "$BB_DIR/closes")
registered=$(grep -c '^epoll_ctl.*EPOLL_CTL_ADD' "$BB_DIR/closes")
assert_between 10 1000000 "$accepted" connections
# One whose request was not there yet when it was accepted has to be.
assert_between 0 "$(grep -c '^recvfrom.* EAGAIN' "$BB_DIR/closes")" \
  "$registered" registrations

it "10,000 idle connections cost at most 8 KiB each"
if [ "$(ulimit -H -n)" -lt 12000 ]; then
  skip "the limit of open files is $(ulimit -H -n)"
else
  ulimit -S -n "$(ulimit -H -n)"
  start_bearerd -n crowded --workers=1
  worker=$(worker_of crowded)
  keepalive 100 /token
  before=$(rss_kib "$worker")
  "$BUILD/bench/load" -c 10000 -t 200 -p "$worker" "${URL##*:}" /token \
    >"$BB_DIR/load" || fail "load failed: $(cat "$BB_DIR/load")"
  after=$(cut -d ' ' -f 9 "$BB_DIR/load")
  assert_between 0 80000 $((after - before)) "KiB for 10,000 connections"
  echo "# $(((after - before) * 1024 / 10000)) bytes of a worker a connection"
fi
