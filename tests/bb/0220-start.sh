#!/bin/bash
# SPDX-License-Identifier: MIT
# Starts without Redis and backend, takes over from a predecessor, stops.
. "$(dirname "$0")/lib.sh"

port=$(free_port)

it "without Redis and backend it lives, but is not ready"
start_bearerd -n lonely -l BASE_URL="http://127.0.0.1:$port" API_KEY=k \
  REDIS_HOST=127.0.0.1 BEARERD_REDIS_PORT="$(free_port)"
expect_status 200 "$ADMIN/healthz"
expect_status 503 "$ADMIN/readyz"
assert_match 'not ready: 1 of 1 tokens were not there yet' "$BODY" "reason"

it "a caller waits wait-limit at most, then gets 503 with Retry-After"
from=$(now_ms)
expect_status 503 "$URL/token"
assert_within 4 "$from" "the answer"
assert_match '^[1-9][0-9]*$' "$(header Retry-After)" "Retry-After"
assert_eq application/problem+json "$(header Content-Type)" "type"
assert_eq 503 "$(json status)" "status in the body"
expect_status 503 "$URL/auth" -X POST
assert_eq 0 "$(header Content-Length)" "length of the body on /auth"

it "it is ready soon after the backend appears"
start_stub -p "$port" -k k
await "[ \$(curl -s -o /dev/null -w '%{http_code}' $ADMIN/readyz) = 200 ]" 2
expect_status 200 "$URL/token"

it "a successor takes the token over from the segment, without a backend call"
token=$(token_now)
calls=$(stub_calls)
shm=${SHM_NAMES[-1]}
kill -s KILL "$(pid_of lonely)"
await "! is_running $(pid_of lonely)"
start_bearerd -n successor API_KEY=k --shm-name="$shm"
assert_eq "$token" "$(token_now)" "token"
assert_eq "$calls" "$(stub_calls)" "backend calls"
assert_match 'took over 1 valid tokens' "$(cat "$BB_DIR/successor.log")" "log"

it "a second instance with the same segment name is refused"
start_bearerd -x -n second API_KEY=k --shm-name="$shm"
await "! is_running $(pid_of second)"
assert_match "shared memory /dev/shm$shm is in use by a running bearerd" \
  "$(cat "$BB_DIR/second.log")" "log"

finish
