#!/bin/bash
# SPDX-License-Identifier: MIT
# Reports of tokens spend backend calls: of max-calls-per-hour only a part,
# and never what the schedule needs; and must name the token.
. "$(dirname "$0")/lib.sh"

# On a slow machine Redis is not to be stepped over.
PATIENT=--redis-timeout=30s

# report CURL-OPTION...: sets STATUS, HEADERS and BODY.
report() {
  http "$URL/token" -X DELETE "$@"
}

tag_now() {
  http "$URL/token"
  header ETag
}

# next_report: ten seconds are over, as far as Redis is concerned.
next_report() {
  redis DEL '{token}:rejected' >/dev/null
}

# report_at_once NAME [OPTION...]: a new instance, for which no report was
# accepted yet, reports its token.
report_at_once() {
  local name=$1
  shift
  next_report
  start_bearerd "$PATIENT" -n "$name" "$@"
  report -H "If-Match: $(tag_now)"
}

# shellcheck disable=SC2119 # no options
start_redis
start_stub -l 600
start_bearerd "$PATIENT" -n strangers --max-calls-per-hour=20

it "a report of whatever token is in service is refused, and told how"
for how in "If-Match: *" "If-Match:   *  "; do
  report -H "$how"
  assert_eq 428 "$STATUS" "status of $how"
  assert_match 'If-Match with its ETag' "$BODY" "body of $how"
done
report -H "If-Match: *" -H "Authorization: Basic $(token_now)"
assert_eq 428 "$STATUS" "status with other credentials"
for how in 'If-Match: *, "x"' 'If-Match: "x", *' 'If-Match: "*"' 'If-Match: W/*' \
  'If-Match: **' "If-Match: W/$(tag_now)"; do
  report -H "$how"
  assert_eq 412 "$STATUS" "status of $how"
done
assert_eq 1 "$(stub_calls)" "backend calls"

it "beside the token itself it does no harm"
report -H "If-Match: *" -H "Authorization: Bearer another"
assert_eq 412 "$STATUS" "status for another token"
report -H "If-Match: *" -H "Authorization: Bearer $(token_now)"
assert_eq 202 "$STATUS" "status"
await "[ \$(stub_calls) -eq 2 ]"
stop strangers

it "reports of all replicas together get a quarter of the budget"
redis FLUSHALL >/dev/null
stub_set "mode=ok&life=3600&count=reset"
for n in 1 2; do
  report_at_once "quarter$n" --max-calls-per-hour=8
  assert_eq 202 "$STATUS" "status of report $n"
  await "[ \$(stub_calls) -eq $((n + 1)) ]"
done
report_at_once quarter3 --max-calls-per-hour=8
assert_eq 429 "$STATUS" "status of report 3"
assert_between 3000 3600 "$(header Retry-After)" "Retry-After"
assert_match 'max-calls-per-hour' "$BODY" "body"
assert_eq 3 "$(stub_calls)" "backend calls"
assert_eq 3 "$(redis LLEN '{token}:calls')" "calls noted"
assert_eq 2 "$(redis LLEN '{token}:reports')" "reports noted"
for n in 1 2 3; do stop "quarter$n"; done

it "and nothing of what the rest of the hour's lives need"
redis FLUSHALL >/dev/null
stub_set "mode=ok&life=600&count=reset"
for n in 1 2 3 4; do
  next_report
  # the lives of 600 s need 8 calls in an hour beside the first, at 420 s each
  report_at_once "kept$n" --max-calls-per-hour=11
  case $n in
  1 | 2) assert_eq 202 "$STATUS" "status of report $n" ;;
  *)
    assert_eq 429 "$STATUS" "status of report $n"
    assert_between 200 3600 "$(header Retry-After)" "Retry-After"
    ;;
  esac
  await "[ \$(stub_calls) -eq $((n < 3 ? n + 1 : 3)) ]"
  stop "kept$n"
done

it "whoever has made the calls: what is left is the schedule's"
redis FLUSHALL >/dev/null
stub_set "mode=ok&life=600&count=reset"
start_bearerd "$PATIENT" -n operator --max-calls-per-hour=11
for n in 2 3; do
  kill -s USR1 "$(pid_of operator)"
  await "[ \"\$(redis GET '{token}:generation')\" = $n ]"
  sleep_ms 1100 # two calls are a second apart
done
report -H "If-Match: $(tag_now)"
assert_eq 429 "$STATUS" "status"
# when the third newest call is so old that it leaves the hour before the last
# of the eight renewals
assert_between 200 310 "$(header Retry-After)" "Retry-After"
stop operator

it "when every call was made, a report is told so"
redis FLUSHALL >/dev/null
stub_set "mode=ok&life=3600&count=reset"
start_bearerd "$PATIENT" -n dry --max-calls-per-hour=3
for n in 2 3; do
  kill -s USR1 "$(pid_of dry)"
  await "[ \$(stub_calls) -eq $n ]"
  await "[ \"\$(redis GET '{token}:generation')\" = $n ]"
  sleep_ms 1100 # two calls are a second apart
done
report -H "If-Match: $(tag_now)"
assert_eq 429 "$STATUS" "status"
assert_between 3000 3660 "$(header Retry-After)" "Retry-After"
expect_status 200 "$URL/token"
stop dry

it "a host without Redis keeps as much by itself"
stub_set "mode=ok&life=3600&count=reset"
start_bearerd "$PATIENT" -n alone -u REDIS_HOST --max-calls-per-hour=4
report -H "If-Match: $(tag_now)"
assert_eq 202 "$STATUS" "status"
await "[ \$(stub_calls) -eq 2 ]"
await "report -H \"If-Match: \$(tag_now)\"; [ \$STATUS = 429 ] &&
  [ \"\$(header Retry-After)\" -gt 11 ]" 15
assert_between 3000 3660 "$(header Retry-After)" "Retry-After"
assert_eq 2 "$(stub_calls)" "backend calls"
stop alone

it "who asks for a fresher token than need be does not get that part either"
redis FLUSHALL >/dev/null
stub_set "mode=ok&life=16&count=reset"
start_bearerd "$PATIENT" -n fresh --max-calls-per-hour=3 --renew-at=90%-95%
fresher() { # shellcheck disable=SC2317 # await evaluates it
  http "$URL/token" -H "Cache-Control: min-fresh=3600"
}
await "fresher; [ \$(stub_calls) -eq 2 ]"
await "fresher; [ \"\$(json expires_in)\" -le 5 ]" 15 # less than half a life
assert_eq 2 "$(stub_calls)" "backend calls"
await "[ \$(stub_calls) -eq 3 ]" # and this one is the schedule's
await "[ \"\$(redis GET '{token}:generation')\" = 3 ]"
stop fresh

it "an exclusive token that is only seconds old is not believed to be refused"
redis FLUSHALL >/dev/null
stub_set "mode=ok&life=600&count=reset"
start_bearerd "$PATIENT" -n exclusive --exclusive=yes
report -H "If-Match: $(tag_now)"
assert_eq 429 "$STATUS" "status"
assert_between 1 5 "$(header Retry-After)" "Retry-After"
assert_eq 1 "$(stub_calls)" "backend calls"

it "and when it is older, it is"
await "report -H \"If-Match: \$(tag_now)\"; [ \$STATUS = 202 ]" 10
await "[ \$(stub_calls) -eq 2 ]"

finish
