#!/bin/bash
# SPDX-License-Identifier: MIT
# Keys of another type than bearerd's, and numbers that are none: the token is
# served, what is in the way is written over, and nobody is pestered.
. "$(dirname "$0")/lib.sh"

# On a slow machine Redis is not to be stepped over.
PATIENT=--redis-timeout=30s

# complaints: lines of the log that speak of Redis' answers.
complaints() {
  grep -c 'Redis: ' "$BB_DIR/bearerd.log"
}

start_redis -n redis
start_stub -l 600
{
  for name in text meta lock count calls rejected huge; do
    echo "token $name { base-url = \"$STUB_URL\" api-key = \"$STUB_KEY\"" \
      "max-calls-per-hour = 100 }"
  done
} >"$BB_DIR/tokens.conf"
{
  redis LPUSH text x
  redis SET '{meta}:meta' x
  redis LPUSH '{lock}:lock' x
  redis SET '{count}:generation' abc
  redis SET '{calls}:calls' x
  redis LPUSH '{rejected}:rejected' x
  redis SET '{huge}:generation' 9223372036854775807
} >/dev/null

it "keys of other types do not keep anyone from the tokens"
start_bearerd "$PATIENT" -l --config="$BB_DIR/tokens.conf"
for name in text meta lock count calls rejected huge; do
  expect_status 200 "$URL/tokens/$name"
  await_redis $name "$(json token)"
  await_redis "{$name}:generation" 1
done
assert_eq 7 "$(stub_calls)" "backend calls"

it "and are written over"
assert_eq hash "$(redis TYPE '{meta}:meta')" "type of meta"
assert_eq none "$(redis TYPE '{lock}:lock')" "type of lock"
assert_eq list "$(redis TYPE '{calls}:calls')" "type of calls"
assert_eq 99 "$(metric 'bearerd_backend_calls_left{token="calls"}')" "calls left"
http "$URL/tokens/rejected"
expect_status 202 "$URL/tokens/rejected" -X DELETE -H "If-Match: $(header ETag)"
await "[ \$(redis GET '{rejected}:generation') = 2 ]"
assert_between 1 10000 "$(redis PTTL '{rejected}:rejected')" "PTTL"

it "a list of calls with nonsense in it begins anew"
redis DEL '{calls}:calls' >/dev/null
redis RPUSH '{calls}:calls' 1 x >/dev/null
http "$URL/tokens/calls"
expect_status 202 "$URL/tokens/calls" -X DELETE -H "If-Match: $(header ETag)"
await "[ \$(redis GET '{calls}:generation') = 2 ]"
assert_eq 1 "$(redis LLEN '{calls}:calls')" "calls noted"

it "a mark of a report that has no end does not hold up reports"
redis SET '{meta}:rejected' x >/dev/null
http "$URL/tokens/meta"
expect_status 202 "$URL/tokens/meta" -X DELETE -H "If-Match: $(header ETag)"

it "a value that cannot be used is complained of once in ten seconds"
stub_set status=500
complained=$(complaints)
for name in text meta lock count calls rejected huge; do
  redis SET $name 'no token' >/dev/null
  redis SET "{$name}:lock" somebody PX 60000 >/dev/null
done
kill -s USR1 "$(pid_of bearerd)"
commands=$(redis_cmds)
calls=$(stub_calls)
from=$(now_ms)
sleep_ms 4000
made=$(($(complaints) - complained)) seconds=$((($(now_ms) - from) / 1000))
assert_between 1 $((2 + seconds / 10)) $made "complaints in $seconds s"

it "and costs Redis a few commands a second, the backend nothing"
# Seven tokens look every second; a look is a script of five commands and the
# try to get the lock one of eleven.
sent=$(($(redis_cmds) - commands)) seconds=$((($(now_ms) - from) / 1000))
assert_between 20 $((seconds * 500)) $sent "commands in $seconds s"
assert_eq "$calls" "$(stub_calls)" "backend calls"
for name in text meta lock count calls rejected huge; do
  expect_status 200 "$URL/tokens/$name"
done
assert_no_death bearerd

finish
