#!/bin/bash
# SPDX-License-Identifier: MIT
# A backend that fails in every way: what callers see and what the log says,
# with no token in service, and with one.
. "$(dirname "$0")/lib.sh"

# MODE ~ what the log says ~ last result
faults='status=500~the backend answered status 500~refused
status=302~the backend answered status 302~refused
status=401~the backend refuses our credentials \(status 401\); check api-key~credentials
status=403~the backend refuses our credentials \(status 403\)~credentials
status=429&retry_after=7~the backend answered status 429~refused
mode=drip~(timed|Timeout|timeout)~timeout
mode=hang~(timed|Timeout|timeout)~timeout
mode=huge~the answer is larger than 64 KiB~malformed
mode=badjson~the answer is not valid JSON~malformed
mode=redirect~the backend answered status 30~refused
mode=expired~(expired already|lives only)~malformed
mode=inject~a character that cannot stand in a header~malformed
mode=empty~the answer is empty~malformed
mode=cut~.~malformed'

start_stub -l 600
while IFS='~' read -r mode says result; do
  it "$mode: callers get 503, the log says why"
  stub_set "mode=ok&$mode"
  start_bearerd -n "${mode//[^a-z0-9]/-}" -l --timeout=1s \
    --connect-timeout=500ms --wait-limit=1500ms
  expect_status 503 "$URL/token"
  assert_match '^[1-9]' "$(header Retry-After)" "Retry-After"
  assert_eq application/problem+json "$(header Content-Type)" "type"
  assert_log "${mode//[^a-z0-9]/-}" "token token: .*$says"
  assert_match "\"last_result\":\"$result\"" \
    "$(curl -s --noproxy '*' "$ADMIN/status.json")" "status.json"
  assert_no_death "${mode//[^a-z0-9]/-}"
  patience 4
  assert_between 1 $((REPLY / 1000)) "$(metric \
    "bearerd_renewals_total{token=\"token\",result=\"$result\"}")" "attempts"
  stop "${mode//[^a-z0-9]/-}"
done <<<"$faults"

it "Retry-After of the backend is handed on"
stub_set "mode=ok&status=429&retry_after=30"
start_bearerd -n later -l
await "[ \$(curl -s -o /dev/null -w '%{http_code}' '$URL/token') = 503 ]"
expect_status 503 "$URL/token"
assert_between 5 30 "$(header Retry-After)" "Retry-After"
stop later

it "an answer without an expiry lives for default-ttl"
stub_set "mode=ok&mode=noexpiry"
start_bearerd -n noexpiry --default-ttl=100s
expect_status 200 "$URL/token"
assert_between 60 90 "$(json expires_in)" "expires_in"
stop noexpiry

it "the same token again does not make a tight loop"
stub_set "mode=ok&mode=same&life=4&count=reset"
start_bearerd -n same
calls=$(stub_calls)
from=$(now_ms)
sleep_ms 4000
made=$(($(stub_calls) - calls))
assert_between 0 $((($(now_ms) - from) / 1000)) $made "calls, one a second at most"
stop same

it "a key file that was changed is used by the next attempt"
stub_set "mode=ok&life=600"
echo wrong >"$BB_DIR/key"
start_bearerd -n keyfile -l -u API_KEY --api-key-file="$BB_DIR/key"
await "grep -q 'refuses our credentials' '$BB_DIR/keyfile.log'"
echo "$STUB_KEY" >"$BB_DIR/key"
await "[ \$(curl -s -o /dev/null -w '%{http_code}' '$URL/token') = 200 ]" 15
assert_between 0 1 "$(grep -c 'credentials have changed' \
  "$BB_DIR/keyfile.log")" "changes that the log tells of"
stop keyfile

it "an outage is invisible while the token lives; then 503, never a dead token"
stub_set "mode=ok&life=8"
start_bearerd -n outage
stub_set "status=500"
before=$(now_ms)
http "$URL/token"
after=$(now_ms) life=$(json expires_in) worst=999 asked=0
while [ "$STATUS" = 200 ]; do
  left=$(json expires_in)
  [ "$left" -ge "$worst" ] || worst=$left
  [ "$asked" -le $((after + life * 1000 + 1000)) ] || break
  asked=$(now_ms)
  http "$URL/token"
done
# Whoever asked later than its end was told so; whoever was told, after it.
assert_eq 503 "$STATUS" "status after the token's life"
[ "$(now_ms)" -ge $((before + life * 1000)) ] || fail "it ended too early"
assert_between 0 1 "$worst" "least expires_in"
stop outage

it "one hung backend does not delay another token"
stub_set "mode=hang"
first=$STUB_URL
start_stub -n second -l 600
cat >"$BB_DIR/two.conf" <<C
token slow { base-url = "$first" api-key = "$STUB_KEY" }
token fast { base-url = "$STUB_URL" api-key = "$STUB_KEY" }
C
start_bearerd -n two -l --config="$BB_DIR/two.conf"
await "[ \$(curl -s -o /dev/null -w '%{http_code}' '$URL/tokens/fast') = 200 ]" 2
expect_status 503 "$URL/tokens/slow"

finish
