#!/bin/bash
# SPDX-License-Identifier: MIT
# Clients that do not read, or do not finish, by the thousand.
# needs: python3
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-pressure.sh"

# queued: KiB that the kernel holds for clients of the service.
queued() {
  awk -v port="$(printf ':%04X' "${URL##*:}")" '
    function number(hex,  n, i) {
      for (i = 1; i <= length(hex); i++)
        n = n * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
      return n
    }
    substr($2, 9) == port { n += number(substr($5, 1, 8)) }
    END { print int(n / 1024) }' /proc/net/tcp
}

ulimit -S -n "$(ulimit -H -n)"
start_stub -l 3600
{ # documents of some 350 KB
  printf 'base-url = "%s"\napi-key = "%s"\ntoken token { }\n' \
    "$STUB_URL" "$STUB_KEY"
  seq -f 'token name-%g { }' 2 64
} >"$BB_DIR/many.conf"
start_bearerd --workers=1 --config="$BB_DIR/many.conf"
first=$(worker)

it "1,500 unfinished heads of 60 KB live in 16 MiB, and callers are served"
before=$(resident)
spawn heads /usr/bin/python3 "$BB_SOURCE/pressure.py" "${URL##*:}" heads 1500 60000 3
await "grep -q opened=1500 '$BB_DIR/heads.log'" 30
expect_status 200 "$URL/token"
echo "# $(($(resident) - before)) KiB more"
kib_more 16384 $(($(resident) - before))
await "! is_running $(pid_of heads)" 15
# The oldest were answered, some of the newest are kept.
assert_match 'kept=[1-9]' "$(cat "$BB_DIR/heads.log")" "heads"
assert_match '408=1[0-9]{3}' "$(cat "$BB_DIR/heads.log")" "heads"

it "a head that is young is not refused for the others"
/usr/bin/python3 - "${URL##*:}" <<'P' >"$BB_DIR/young" &
import socket
import sys
import time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
s.sendall(b"GET /token HTTP/1.1\r\nHost: localhost\r\n")
time.sleep(1)
s.sendall(b"Connection: close\r\n\r\n")
print(s.recv(100).split(b"\r\n")[0].decode())
P
wait $!
assert_eq "HTTP/1.1 200 OK" "$(cat "$BB_DIR/young")"

it "2,000 connections that pipeline 40 large answers and never read"
before=$(resident)
spawn unread /usr/bin/python3 "$BB_SOURCE/pressure.py" "${URL##*:}" unread 2000 40 /openapi.json 8
await "grep -q open= '$BB_DIR/unread.log'" 30
assert_eq open=2000 "$(cat "$BB_DIR/unread.log")"
for path in /token /docs /openapi.json /token; do
  expect_status 200 "$URL$path"
done
echo "# $(queued) KiB in the kernel, $(($(resident) - before)) KiB more in the worker"
assert_between 0 400000 "$(queued)" "KiB in the kernel"
kib_more 20000 $(($(resident) - before))
await "! is_running $(pid_of unread)" 20

it "the same with 16 KB of requests behind the answers, which are kept"
before=$(resident)
spawn behind /usr/bin/python3 "$BB_SOURCE/pressure.py" "${URL##*:}" unread 2000 230 /openapi.json 6
await "grep -q open= '$BB_DIR/behind.log'" 30
for _ in {1..5}; do
  expect_status 200 "$URL/token"
done
echo "# $(($(resident) - before)) KiB more in the worker"
kib_more 16384 $(($(resident) - before))
await "! is_running $(pid_of behind)" 20

it "the same with small answers, which are copied"
before=$(resident)
spawn small /usr/bin/python3 "$BB_SOURCE/pressure.py" "${URL##*:}" unread 1000 400 /token 6
await "grep -q open= '$BB_DIR/small.log'" 30
for _ in {1..5}; do
  expect_status 200 "$URL/token"
done
echo "# $(queued) KiB in the kernel, $(($(resident) - before)) KiB more in the worker"
kib_more 30000 $(($(resident) - before))
await "! is_running $(pid_of small)" 20

it "nobody was replaced"
assert_eq "$first" "$(worker)" "worker"

it "a full table makes room by closing the one that is idle for longest"
start_bearerd -n full --workers=1 --max-connections=20
assert_eq 1 "$(pressure "${URL##*:}" order 20 | xargs)" "closed ones of 20"

finish
