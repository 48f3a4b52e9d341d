#!/bin/bash
# SPDX-License-Identifier: MIT
# Clocks that are wrong: replicas that disagree about the time share a token,
# and a backend that disagrees is told of.
# needs: faketime
. "$(dirname "$0")/lib.sh"

FAKETIME_LIBRARY=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)

# start_at OFFSET NAME [ARGUMENT...]: an instance whose wall clock is wrong.
start_at() {
  start_bearerd -n "$2" LD_PRELOAD="$FAKETIME_LIBRARY" FAKETIME="$1" \
    FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_RESET=1 "${@:3}"
}

# skew: the backend's clock less that of the last instance, whole seconds.
skew() {
  printf '%.0f' "$(metric 'bearerd_clock_skew_seconds{token="token"}')"
}

# renew NAME: its token, and wait for the backend's answer.
renew() {
  local calls
  calls=$(stub_calls)
  kill -s USR1 "$(pid_of "$1")"
  await "[ \$(stub_calls) -gt $calls ] && [ \$(stub_get concurrent) = 0 ]"
}

start_redis -n redis
start_stub -l 600

it "a backend whose clock differs by more than 30 s is warned of, once"
start_bearerd -n skewed
assert_between -9 2 "$(skew)" "skew"
stub_set skew=90
renew skewed
await "[ \$(skew) -ge 80 ]"
assert_log skewed "warning .* token token: the backend's clock is (8[0-9]|90) s ahead of ours"
stub_set skew=100
await 'renew skewed && [ $(skew) -gt 92 ]'
assert_eq 1 "$(grep -c "backend's clock" "$BB_DIR/skewed.log")" "lines"

it "and that it is right again, once"
stub_set skew=0
await 'renew skewed && [ $(skew) -lt 2 ]'
assert_log skewed "notice .* token token: the backend's clock agrees with ours again"
stub_set skew=20
await 'renew skewed && [ $(skew) -gt 10 ]'
assert_eq 2 "$(grep -c "backend's clock" "$BB_DIR/skewed.log")" "lines"

it "a clock that is behind is warned of as well"
stub_set skew=-60
await 'renew skewed && [ $(skew) -lt -58 ]'
assert_log skewed "the backend's clock is 6[0-9] s behind ours"
stop skewed
stub_set "mode=ok&count=reset"

if [ -z "$FAKETIME_LIBRARY" ] || [ -n "${ASAN_OPTIONS:-}$BEARERD_WRAP" ]; then
  it "replicas ten minutes apart share one token"
  skip "there is no libfaketime, or it cannot be loaded before a sanitizer"
  exit
fi

it "replicas ten minutes apart share one token"
redis FLUSHALL >/dev/null
start_at +5m fast
fast=$URL
assert_between -310 -298 "$(skew)" "skew of the one that is fast"
start_at -5m slow
assert_eq "$(URL=$fast token_now)" "$(token_now)" "token"
assert_eq 1 "$(stub_calls)" "backend calls"

it "and agree on how long it lives"
http "$fast/token"
left=$(json expires_in)
http "$URL/token"
assert_between $((left - 20)) $((left + 2)) "$(json expires_in)" "expires_in"
assert_between 520 570 "$left" "expires_in"

it "a report and its renewal pass between them"
expect_status 202 "$URL/token" -X DELETE -H "If-Match: $(header ETag)"
await "[ \"\$(redis GET '{token}:generation')\" = 2 ]"
await "[ \"\$(URL=$fast token_now)\" = \"\$(redis GET token)\" ]"
await "[ \"\$(token_now)\" = \"\$(redis GET token)\" ]"
assert_eq 2 "$(stub_calls)" "backend calls"

it "an expiry that is a time is measured by the backend's clock"
stop fast
stop slow
redis FLUSHALL >/dev/null
at=$(($(date +%s) + 600))
stub_set "mode=ok" -d "{\"token\":\"t\",\"expires_at\":$at}"
start_at -5m behind
http "$URL/token"
assert_between 520 572 "$(json expires_in)" "expires_in"
stop behind
redis FLUSHALL >/dev/null
start_at +5m ahead
http "$URL/token"
assert_between 520 572 "$(json expires_in)" "expires_in"
assert_log ahead "the backend's clock is 30[0-9] s behind ours"
stop ahead

it "but for half a minute by ours, which is as good"
redis FLUSHALL >/dev/null
start_at +20s near
http "$URL/token"
assert_between 500 552 "$(json expires_in)" "expires_in"
stop near

it "so it is where the clock was never set, in a JWT as well"
redis FLUSHALL >/dev/null
stub_set "mode=jwt"
start_at "-$(($(date +%s) - 600))s" unset
http "$URL/token"
assert_between 520 572 "$(json expires_in)" "expires_in"
stop unset

finish
