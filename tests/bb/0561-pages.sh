#!/bin/bash
# SPDX-License-Identifier: MIT
# Pages of many tokens: whole, shared, and in nobody's way.
# needs: python3
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-pressure.sh"

TOKENS=2000

# served MS [COMMAND...]: how many requests for tokens are answered in this time,
# beside the command.
served() {
  local ms=$1 beside='' answered
  shift
  if [ $# -gt 0 ]; then
    "$@" >"$BB_DIR/beside" 2>&1 &
    beside=$!
    sleep 0.5
  fi
  answered=$("$BUILD/bench/load" -c 8 -t "$ms" "${URL##*:}" /token) ||
    fail "load failed: $answered"
  [ -z "$beside" ] || { kill $beside && wait $beside; } 2>/dev/null
  echo "${answered%% *}"
}

start_stub -l 3600
{
  printf 'base-url = "%s"\napi-key = "%s"\nmax-token-size = 512\n' \
    "$STUB_URL" "$STUB_KEY"
  echo 'token token { }'
  seq -f 'token name-%g { }' 2 $TOKENS
} >"$BB_DIR/many.conf"
start_bearerd -x --workers=1 --config="$BB_DIR/many.conf"

it "while tokens are missing /readyz says how many, and of which one"
await 'http "$ADMIN/readyz" && [[ $STATUS = 503 || $STATUS = 200 ]]'
[ "$STATUS" = 200 ] || assert_match \
  '^not ready: [1-9][0-9]* of 2000 tokens were not there yet, one of them [a-z0-9-]+$' "$BODY"
await 'curl -sf --noproxy "*" "$ADMIN/readyz"' 60
first=$(worker)

it "a page of megabytes is whole, and says so by its length"
while read -r path pattern count; do
  expect_status 200 "$ADMIN$path"
  assert_eq "$(stat -c %s "$BB_DIR/body")" "$(header Content-Length)" "length of $path"
  assert_eq "$count" "$(grep -o -E "$pattern" "$BB_DIR/body" | wc -l)" \
    "matches of $pattern in $path"
done <<T
/metrics ^bearerd_token_state.*state="FRESH" $TOKENS
/metrics ^#.TYPE 21
/metrics ^bearerd_clock_skew_seconds.token= $TOKENS
/status ^name-[0-9]+ $((TOKENS - 1))
/status ^worker 1
/status.json "name": $TOKENS
T
/usr/bin/python3 -m json.tool "$BB_DIR/body" >"$BB_DIR/json" || fail "not JSON"

it "HEAD has no body, and costs no page"
expect_status 200 "$ADMIN/metrics" -I
assert_eq '' "$(header Content-Length)"
assert_match 'version=0.0.4' "$(header Content-Type)"

it "a pipeline of HEAD or GET holds no caller up"
quiet=$(served 1000)
while read -r method path count; do
  n=$(served 1500 pressure "${ADMIN##*:}" pipeline "$count" "$path" 10 "$method")
  echo "# $quiet requests in a second alone, $n in 1.5 s beside $count x $method $path"
  assert_between $((quiet / 500 + 1)) 1000000000 "$n" "requests served"
done <<'T'
HEAD /metrics 1
GET /metrics 4
GET /status 4
GET /status.json 100
GET /nothing 256
T

it "the same on the address of callers"
n=$(served 1500 pressure "${URL##*:}" pipeline 256 /nothing 10)
assert_between $((quiet / 500 + 1)) 1000000000 "$n" "requests served"

it "a hundred scrapes that are not read share a page or three"
before=$(resident)
spawn unread /usr/bin/python3 "$BB_SOURCE/pressure.py" "${ADMIN##*:}" unread 100 1 /metrics 600
await "grep -q open=100 '$BB_DIR/unread.log'"
for _ in 1 2 3; do
  sleep 1.1
  expect_status 200 "$ADMIN/status"
done
echo "# $(($(resident) - before)) KiB more"
kib_more 40000 $(($(resident) - before))

it "and the next page is there all the same, and new in the end"
[ "$CASE_STATE" = ok ] && expect_status 200 "$ADMIN/metrics"
# As many unread pages as may be, each newer than the one before.
for n in 2 3 4; do
  spawn "unread$n" /usr/bin/python3 "$BB_SOURCE/pressure.py" "${ADMIN##*:}" unread 3 1 /metrics 600
  await "grep -q open=3 '$BB_DIR/unread$n.log'"
  sleep 1.5 # a page is not made anew earlier
done
http "$URL/tokens/name-7" && http "$URL/tokens/name-7"
await '[ "$(metric "bearerd_answers_total{token=\"name-7\",source=\"shm\"}")" = 2 ]' 30

it "nobody was replaced"
assert_eq "$first" "$(worker)" "worker"

finish
