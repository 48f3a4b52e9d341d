#!/bin/bash
# SPDX-License-Identifier: MIT
# The status for people says the same as the one for programs.
. "$(dirname "$0")/lib.sh"

line() {
  curl -sS --noproxy '*' -m 10 "$ADMIN/status" | grep '^token  *[A-Z]'
}

# expect_line STATE LEFT RESULT: the token's, with when JSON has the next attempt.
expect_line() {
  local planned now state left next result
  await "line | grep -q -E '^token +$1 .*  $3\$'" 20 || return
  http "$ADMIN/status.json"
  planned=$(json next_attempt_in)
  now=$(line)
  read -r _ state _ left next result <<<"$now"
  assert_match "^$1\$" "$state" "state in $now"
  assert_match "^$2\$" "$left" "left in $now"
  assert_match "^$3\$" "$result" "result in $now"
  assert_match '^[0-9]+s$' "$next" "next attempt in $now"
  # both pages are some time old, and an attempt may lie between
  assert_between 0 $((planned + 30)) "${next%s}" "next attempt in $now"
  [ "$planned" -le 60 ] || assert_between $((planned - 10)) $((planned + 10)) \
    "${next%s}" "next attempt in $now"
}

redis_in() {
  curl -sS --noproxy '*' -m 10 "$ADMIN/status" | sed -n '1s/.*, Redis //p'
}

start_stub -l 600
it "a good token: when it is renewed; Redis is not in use"
start_bearerd -n good
expect_line FRESH '[0-9]+s' obtained
assert_eq "not in use" "$(redis_in)" "Redis"

it "a key that is refused: the next attempt, and not the renewal that failed"
stub_set 'status=401'
kill -s USR1 "$(pid_of good)"
expect_line FRESH '[0-9]+s' 'credentials, failures in a row: [1-9][0-9]*'
stop good

it "no token: none is left, and the next attempt is not now; Redis is down"
start_bearerd -n none -l REDIS_HOST=127.0.0.1 BEARERD_REDIS_PORT="$(free_port)"
expect_line EMPTY - 'credentials, failures in a row: [1-9][0-9]*'
await '[ "$(redis_in)" = down ]'
stop none
stub_set 'mode=ok'

it "a Redis that is there is up"
start_redis --loglevel notice
start_bearerd -n shared
await '[ "$(redis_in)" = up ]'

finish
