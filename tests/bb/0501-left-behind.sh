#!/bin/bash
# SPDX-License-Identifier: MIT
# Addresses, ports, memory and files that somebody takes away or leaves behind.
# needs: python3
. "$(dirname "$0")/lib.sh"

# pid_titled REGEX: the children of bearerd with this title.
pid_titled() {
  children_of "$(pid_of bearerd)" "$1"
}

# write_conf ADDRESSES: what the instance listens on.
write_conf() {
  printf 'base-url = "%s"\napi-key = "%s"\nadmin-listen = "127.0.0.1:%s"\n' \
    "$STUB_URL" "$STUB_KEY" "$ADMIN_PORT" >"$BB_DIR/bearerd.conf"
  printf 'listen = "%s"\n' "$1" >>"$BB_DIR/bearerd.conf"
  echo 'drain-timeout = 60s' >>"$BB_DIR/bearerd.conf"
}

# begin [OPTION...]
begin() {
  SHM_NAMES+=("/bearerd-left-$$")
  spawn bearerd env -i PATH="$PATH" HOME="$BB_DIR" \
    ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$BEARERD" \
    --config="$BB_DIR/bearerd.conf" --shm-name="/bearerd-left-$$" \
    --workers=2 "$@"
}

# refuses URL: nobody listens there.
refuses() { # shellcheck disable=SC2317 # await evaluates it
  [ "$(curl -s -m 2 -o "$BB_DIR/refused" -w '%{exitcode}' "$1")" = 7 ]
}

start_stub -l 600
ADMIN_PORT=$(free_port) P1=$(free_port) P2=$(free_port)
URL=http://127.0.0.1:$P1

it "an address that a reload removed refuses, while old workers drain"
write_conf "127.0.0.1:$P1, 127.0.0.1:$P2, unix:$BB_DIR/socket"
begin
await "curl -sf -m 2 http://127.0.0.1:$P2/token"
python3 -c '
import socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"GET /token HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
s.recv(65536)
print("held", flush=True)
time.sleep(60)' "$P1" >"$BB_DIR/held" &
holder=$!
await "grep -q held '$BB_DIR/held'"
write_conf "127.0.0.1:$P1"
kill -s HUP "$(pid_of bearerd)"
await "grep -q 'the configuration was reloaded' '$BB_DIR/bearerd.log'"
await "refuses http://127.0.0.1:$P2/token"
await "! [ -e '$BB_DIR/socket' ]"
assert_no_match 'the old workers are gone' "$(cat "$BB_DIR/bearerd.log")" log
expect_status 200 "$URL/token"
kill "$holder"

it "a segment that is cut short is made anew by the same master"
for size in 0 64 4096; do
  calls=$(grep -c 'is made anew' "$BB_DIR/bearerd.log")
  truncate -s $size "/dev/shm/bearerd-left-$$"
  await "[ \$(grep -c 'is made anew' '$BB_DIR/bearerd.log') -gt $calls ]"
  await "curl -sf -m 2 $URL/token"
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    expect_status 200 "$URL/token"
  done
  expect_status 200 "http://127.0.0.1:$ADMIN_PORT/status"
done
is_running "$(pid_of bearerd)" || fail "the master is gone"
assert_eq 3 "$(grep -c 'is made anew' "$BB_DIR/bearerd.log")" "segments"

it "nor does the master end by a look at what is missing"
kill -s STOP "$(pid_of bearerd)"
truncate -s 0 "/dev/shm/bearerd-left-$$"
printf 'token token { }\ntoken other { }\n' >>"$BB_DIR/bearerd.conf"
kill -s HUP "$(pid_of bearerd)"
kill -s CONT "$(pid_of bearerd)"
await "curl -sf -m 2 $URL/tokens/other"
expect_status 200 "$URL/token"
is_running "$(pid_of bearerd)" || fail "the master is gone"

it "workers that are stopped when the master is killed do not keep the port"
# shellcheck disable=SC2046 # there are two
kill -s STOP $(pid_titled worker)
kill -s KILL "$(pid_of bearerd)"
await "refuses $URL/token" 20
begin
await "curl -sf -m 2 $URL/token" 15
stop bearerd

it "a pid file that cannot be written is said before service is announced"
mkfifo "$BB_DIR/pipe"
mkdir "$BB_DIR/directory"
ln -s "$BB_DIR/elsewhere" "$BB_DIR/link"
served=$(grep -c ': serving tokens' "$BB_DIR/bearerd.log")
for path in /nowhere/pid "$BB_DIR/pipe" "$BB_DIR/directory" "$BB_DIR/link"; do
  begin --pid-file="$path"
  await "! is_running $(pid_of bearerd)" 10 || stop bearerd
  assert_match "pid-file $path: " "$(tail -n 3 "$BB_DIR/bearerd.log")" log
done
assert_eq "$served" "$(grep -c ': serving tokens' "$BB_DIR/bearerd.log")" \
  "announcements"

it "one that can is there when service is announced, and goes with the master"
begin --pid-file="$BB_DIR/pid"
await "[ -s '$BB_DIR/pid' ]"
assert_eq "$(pid_of bearerd)" "$(cat "$BB_DIR/pid")" "pid file"
stop bearerd
[ ! -e "$BB_DIR/pid" ] || fail "the pid file is left"

finish
