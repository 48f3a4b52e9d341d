#!/bin/bash
# SPDX-License-Identifier: MIT
# Replicas share what has failed as they share tokens: one attempt for all, then
# one for all when its time has come; by credentials.
. "$(dirname "$0")/lib.sh"

# On a slow machine Redis is not to be stepped over.
PATIENT=--redis-timeout=30s
ALL="one two three"

declare -A url_of
start() {
  start_bearerd "$PATIENT" -n "$@"
  url_of[$1]=$URL
}

stop_these() {
  local name
  for name; do stop "$name"; done
  redis FLUSHALL >/dev/null
}

# await_log NAME REGEX [SECONDS]
await_log() {
  await "grep -q -E '$2' '$BB_DIR/$1.log'" "${3:-20}"
}

# The notes of failures, without the times.
notes() {
  redis HVALS '{token}:refused' | sed -E 's/^[0-9]+ [0-9]+ //'
}

# shellcheck disable=SC2119 # no options
start_redis
start_stub -l 600

it "credentials that are refused are tried once for all who have them"
for name in $ALL; do
  start "$name" -l API_KEY=wrong --wait-limit=100ms
done
for name in $ALL; do
  await_log "$name" 'refuses our credentials|another replica has failed .credentials, 1 in a row'
done
assert_eq 1 "$(stub_calls)" "backend calls"
assert_eq 1 "$(cat "$BB_DIR"/{one,two,three}.log | grep -c 'refuses our cred')" "refusals"
for name in $ALL; do
  expect_status 503 "${url_of[$name]}/token"
  assert_between 1 6 "$(header Retry-After)" "Retry-After of $name"
done
assert_eq "1 credentials" "$(notes)" "note"
assert_between 1 150000 "$(redis PTTL '{token}:refused')" "PTTL"

it "and once more when the back-off is over"
await "[ \"\$(notes)\" = '2 credentials' ]" 20
end=$(($(now_ms) + 2000)) # of the ten seconds that the next step takes
await "[ \$(now_ms) -ge $end ]"
assert_eq 2 "$(stub_calls)" "backend calls"

it "others are tried at once, and what they bring is everybody's"
start four
assert_eq 3 "$(stub_calls)" "backend calls"
for name in $ALL; do
  await "[ \"\$(URL=${url_of[$name]} token_now)\" = '$(redis GET token)' ]"
done
assert_eq 3 "$(stub_calls)" "backend calls"
# shellcheck disable=SC2086 # a list of names
stop_these $ALL four

it "a key in a file that is replaced is tried before the back-off is over"
echo wrong >"$BB_DIR/key"
stub_set "mode=ok&count=reset"
start keyed -l -u API_KEY --api-key-file="$BB_DIR/key" --wait-limit=100ms
await "[ \"\$(notes)\" = '2 credentials' ]" 20 # ten seconds from here
echo "$STUB_KEY" >"$BB_DIR/key"
await_log keyed 'the credentials have changed; trying them'
await "[ -n \"\$(token_now)\" ]"
assert_eq 3 "$(stub_calls)" "backend calls"
stop_these keyed

it "Retry-After holds for all, whose token is still good"
stub_set "mode=ok&life=40&count=reset"
for name in $ALL; do
  start "$name" --renew-at=10%-30%
done
stub_set "mode=status&status=429&retry_after=600"
for name in $ALL; do
  await_log "$name" 'backend answered status 429|another replica has failed .refused, 1 in a row'
done
assert_eq 2 "$(stub_calls)" "backend calls"
for name in $ALL; do
  expect_status 200 "${url_of[$name]}/token"
done
assert_eq "1 refused" "$(notes)" "note"

it "an operator is not held back"
kill -s USR1 "$(pid_of two)"
await "[ \$(stub_calls) -eq 3 ]"
await "[ \"\$(notes)\" = '2 refused' ]"
stub_set "mode=ok&life=600"
kill -s USR1 "$(pid_of three)"
await "[ \$(stub_calls) -eq 4 ]"
for name in $ALL; do
  await "[ \"\$(URL=${url_of[$name]} token_now)\" = '$(redis GET token)' ]"
done

it "a success makes the note void"
assert_eq "" "$(notes)" "note"
# shellcheck disable=SC2086 # a list of names
stop_these $ALL

it "what died is not taken back, and the back-off goes on"
stub_set "mode=ok&life=20&count=reset"
ALL="five six seven"
for name in $ALL; do
  start "$name" --renew-at=10%-20%
done
stub_set "mode=status&status=500"
for name in $ALL; do
  await_log "$name" 'has expired' 40
  assert_eq "" "$(sed '1,/ in a row/d' "$BB_DIR/$name.log" |
    grep -E '(obtained|adopted) generation')" "tokens of $name"
  rows=$(sed -n 's/.* \([0-9]*\) in a row.*/\1/p' "$BB_DIR/$name.log")
  assert_eq "$(sort -n <<<"$rows" | xargs)" "$(xargs <<<"$rows")" "failures of $name"
done
# shellcheck disable=SC2086 # a list of names
stop_these $ALL

it "a note that is none, or of another type, holds nobody back"
digest=
for note in "x" "9 9" "99999999999999999999 1 1 refused" \
  "-5 1 1 refused" "$(($(now_ms) + 90000000)) $(now_ms) 1 refused" \
  "$(($(now_ms) + 3000000)) $(($(now_ms) + 90000000)) 1 refused" \
  "$(($(now_ms) + 600000)) $(now_ms) 1 re fused"; do
  stub_set "mode=ok&life=600&count=reset"
  # whatever the digest is: it is in the note of a failure
  if [ -z "$digest" ]; then
    stub_set "mode=status&status=500"
    start digest -l --wait-limit=100ms
    await "[ \$(redis HLEN '{token}:refused') = 1 ]"
    digest=$(redis HKEYS '{token}:refused')
    stop_these digest
    assert_match '^[0-9a-f]{16}$' "$digest" "digest"
    stub_set "mode=ok&life=600&count=reset"
  fi
  redis HSET '{token}:refused' "$digest" "$note" >/dev/null
  start odd -l
  expect_status 200 "$URL/token"
  assert_eq 1 "$(stub_calls)" "backend calls with $note"
  stop_these odd
done
redis SET '{token}:refused' x >/dev/null
stub_set "mode=status&status=500&count=reset"
start type -l --wait-limit=100ms
await "[ \"\$(redis TYPE '{token}:refused')\" = hash ]"
assert_no_match ' died: |WRONGTYPE' "$(cat "$BB_DIR/type.log")" "log"

finish
