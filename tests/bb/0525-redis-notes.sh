#!/bin/bash
# SPDX-License-Identifier: MIT
# Times that others note in Redis, and that are still to come: they neither use
# up the budget of calls nor hold up reports.
. "$(dirname "$0")/lib.sh"

PATIENT=--redis-timeout=30s # Redis is not to be stepped over

# note KEY VALUE: twenty of them in a list that never ends.
note() {
  redis DEL "$1" >/dev/null
  # shellcheck disable=SC2046 # twenty words
  redis LPUSH "$1" $(for _ in {1..20}; do echo "$2"; done) >/dev/null
}

# shellcheck disable=SC2119 # no options
start_redis
start_stub -l 600

it "calls that nobody can have made yet are none"
for time in 9999999999999 1e300 inf nan 0x7fffffffffff -inf \
  $(($(now_ms) + 600000)); do
  redis FLUSHALL >/dev/null
  note '{token}:calls' "$time"
  INSTANCE=$((${INSTANCE:-0} + 1))
  start_bearerd "$PATIENT" -l -n "calls$INSTANCE" --max-calls-per-hour=10
  expect_status 200 "$URL/token"
  assert_eq 1 "$(redis LLEN '{token}:calls')" "calls noted beside $time"
  stop "calls$INSTANCE"
done

it "nor are they when a call of this hour is the oldest"
redis FLUSHALL >/dev/null
note '{token}:calls' 9999999999999
redis RPUSH '{token}:calls' "$(now_ms)" >/dev/null
start_bearerd "$PATIENT" -l -n mixed --max-calls-per-hour=10
expect_status 200 "$URL/token"
stop mixed

it "reports that nobody can have made yet hold up none, nor does a long mark"
redis FLUSHALL >/dev/null
start_bearerd "$PATIENT" --max-calls-per-hour=100
for time in 9999999999999 1e300 inf nan; do
  note '{token}:reports' "$time"
  redis SET '{token}:rejected' x PX 99999999999 >/dev/null
  generation=$(redis GET '{token}:generation')
  await "http '$URL/token'
    http '$URL/token' -X DELETE -H \"If-Match: \$(header ETag)\"
    [ \$STATUS = 202 ]" 20
  await "[ \"\$(redis GET '{token}:generation')\" = $((generation + 1)) ]"
  assert_between 1 10000 "$(redis PTTL '{token}:rejected')" "ms of the mark"
done

finish
