#!/bin/bash
# SPDX-License-Identifier: MIT
# From nothing to the first token with the original's four variables, and what
# ten thousand more tokens cost: nothing.
. "$(dirname "$0")/lib.sh"

# An address of its own, so that even Redis' port is the default.
start_redis --bind "127.$((SRANDOM % 250 + 1)).$((SRANDOM % 250 + 1)).1" \
  --port 6379 --requirepass s3cret
start_stub -l 3600
start_bearerd

it "four variables are enough for a token"
expect_status 200 "$URL/token"
token=$(json token)
assert_match '^stub-1-[0-9a-f]{16}$' "$token" "token"
assert_eq "$(stub_get last_token)" "$token" "token"

it "the answer is JSON that says how long the token lives"
assert_match '^application/json' "$(header Content-Type)" "Content-Type"
assert_eq no-store "$(header Cache-Control)" "Cache-Control"
assert_eq Bearer "$(json token_type)" "token_type"
assert_between 3500 3570 "$(json expires_in)" "expires_in" # reserve: 30 s
assert_between 2400 2880 "$(json refresh_in)" "refresh_in" # 70 % to 80 %

it "the backend was asked once, with the key in its header"
assert_eq 1 "$(stub_calls)" "backend calls"
assert_eq 0 "$(stub_get refused)" "refused calls"

it "Redis holds the bare token for less than the token's life"
await_redis token "$token"
assert_eq string "$(redis TYPE token)" "type of key token"
assert_between 3500000 3570000 "$(redis PTTL token)" "PTTL token"

it "the companion keys are there, and live as long"
assert_eq 1 "$(redis HGET '{token}:meta' generation)" "generation"
assert_eq "$(printf %s "$token" | sha256sum | cut -c 1-16)" \
  "$(redis HGET '{token}:meta' fingerprint)" "fingerprint"
assert_between 3500000 3570000 "$(redis PTTL '{token}:meta')" "PTTL of meta"
await_redis '{token}:generation' 1
assert_eq 0 "$(redis EXISTS '{token}:lock')" "lock"

it "ten thousand more requests get the same token"
before=$(redis_cmds)
curl -sS --noproxy '*' -w ' %{http_code}\n' "$URL/token?[1-10000]" |
  sed -E 'N; s/\n//; s/,"(expires|refresh)_in": *[0-9]+//g' | sort | uniq -c \
  >"$BB_DIR/answers"
assert_eq "10000 {\"token\":\"$token\",\"token_type\":\"Bearer\"} 200" \
  "$(sed 's/^ *//' "$BB_DIR/answers")" "answers"

it "ten thousand more requests cost no backend call"
assert_eq 1 "$(stub_calls)" "backend calls"

it "ten thousand more requests cost no Redis command"
if [ "$before" != "$(redis_cmds)" ]; then
  # The refresher looks each minute whether Redis has lost the token; not now.
  before=$(redis_cmds)
  curl -sS --noproxy '*' -o /dev/null "$URL/token?[1-10000]"
fi
assert_eq "$before" "$(redis_cmds)" "Redis commands"

it "/auth hands the same token to a gateway"
expect_status 200 "$URL/auth"
assert_eq "Bearer $token" "$(header Authorization)" "Authorization"
assert_eq 0 "$(header Content-Length)" "Content-Length"

it "bearerd stops when it is told to, with status 0, and leaves no process"
stop bearerd
assert_eq 0 "$EXIT_STATUS" "exit status"
assert_eq "" "$(session_of "$(pid_of bearerd)")" "processes left"

it "no log line holds the token, the key or the password"
assert_eq 0 "$(grep -c -F -e "$token" -e "$STUB_KEY" -e s3cret \
  "$BB_DIR/bearerd.log")" "lines with a secret"
