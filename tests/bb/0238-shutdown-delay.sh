#!/bin/bash
# SPDX-License-Identifier: MIT
# shutdown-delay: told to stop, it serves on until load balancers know.
# needs: python3
. "$(dirname "$0")/lib.sh"

status_of() { # shellcheck disable=SC2317 # await evaluates it
  curl -s --noproxy '*' -o /dev/null -w '%{http_code}' "$1"
}

start_stub -l 600
start_bearerd --shutdown-delay=60s --drain-timeout=60s
master=$(pid_of bearerd)

it "TERM: not ready, and alive"
kill -s TERM "$master"
await "[ \$(status_of '$ADMIN/readyz') = 503 ]"
http "$ADMIN/readyz"
assert_match 'stopping' "$BODY" "the reason"
expect_status 200 "$ADMIN/healthz"
assert_log bearerd 'told to stop: serving on for 60000 ms'

it "new connections are served, and not told to close"
for _ in {1..20}; do
  expect_status 200 "$URL/token"
  assert_eq '' "$(header Connection)" "Connection"
done

it "tokens are renewed, but nothing is reloaded"
token=$(token_now)
kill -s HUP "$master"
kill -s USR1 "$master"
await "[ \"\$(token_now)\" != '$token' ]"
assert_no_match 'reloaded' "$(cat "$BB_DIR/bearerd.log")" "log"
expect_status 503 "$ADMIN/readyz"

it "a worker that dies meanwhile is replaced"
worker=$(children_of "$master" 'worker 0')
kill -s KILL "$worker"
await "[ -n \"\$(children_of $master 'worker 0' | grep -v -x $worker)\" ]"
expect_status 200 "$URL/token"

it "a second TERM ends the delay, not the open connection"
exec 5<>"/dev/tcp/127.0.0.1/${URL##*:}" 6<>"/dev/tcp/127.0.0.1/${URL##*:}"
printf 'GET /auth HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5
await "read -r -t 1 line <&5 && [[ \$line == *200* ]]"
kill -s TERM "$master"
await "! curl -s --noproxy '*' -o /dev/null '$ADMIN/healthz'"
printf 'GET /auth HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5
assert_match 'Connection: close' "$(timeout 5 cat <&5)" "second answer"
exec 5>&-

it "a third TERM ends what is left"
kill -s TERM "$master"
reap "$master" 20
exec 6>&-
assert_eq 0 "$EXIT_STATUS" "exit status"

it "the delay ends by itself, and nobody who came until then is turned away"
start_bearerd -n second --shutdown-delay=5s
spawn callers "$BB_SOURCE/callers.py" "${URL##*:}" 2 8 200 new
await "[ -n \"\$(metric 'bearerd_requests_total{path=\"/token\",code=\"200\"}')\" ]"
begun=$(now_ms)
kill -s TERM "$(pid_of second)"
await "! is_running $(pid_of callers)" 20
for what in lost refused wrong; do
  assert_eq "$what=0" "$(grep "^$what=" "$BB_DIR/callers.log")" "$what"
done
assert_eq status_200 "$(grep -o '^status_[0-9]*' "$BB_DIR/callers.log")" "statuses"
reap "$(pid_of second)" 20
assert_eq 0 "$EXIT_STATUS" "exit status"
[ $(($(now_ms) - begun)) -ge 5000 ] || fail "it ended before its time"

finish
