#!/bin/bash
# SPDX-License-Identifier: MIT
# The lock in Redis and the fence behind it: who was stopped, was late or lost
# the lock changes nothing, and nobody waits for ever.
# needs: python3
. "$(dirname "$0")/lib.sh"

# On a slow machine Redis is not to be stepped over.
PATIENT=--redis-timeout=30s

# refresher_of NAME: its pid.
refresher_of() {
  children_of "$(pid_of "$1")" refresher
}

# renew NAME: its token, now.
renew() {
  kill -s USR1 "$(pid_of "$1")"
}

# token_of NAME: what it hands out.
token_of() {
  URL=${url_of[$1]} token_now
}

# ask_slowly NAME MS: its backend call is under way, and takes so long.
ask_slowly() {
  stub_set "delay=$2"
  renew "$1"
  await "[ \$(stub_get concurrent) -eq 1 ]"
  stub_set delay=0
}

# in_redis KEY...: what stands there.
in_redis() {
  local key
  for key; do redis GET "$key"; done | xargs
}

declare -A url_of
start_redis
start_stub -l 600
start_bearerd "$PATIENT" -n one --timeout=6s --connect-timeout=1s
url_of[one]=$URL
start_bearerd "$PATIENT" -n two --timeout=6s --connect-timeout=1s
url_of[two]=$URL
assert_eq "$(token_of one)" "$(token_of two)" "token"

it "another takes over from a lock holder that is stopped past its lease"
ask_slowly one 3000
kill -s STOP "$(pid_of one)"
kill -s STOP "$(refresher_of one)"
renew two
await "[ \"\$(redis GET '{token}:generation')\" = 2 ]" 30
assert_eq 3 "$(stub_calls)" "backend calls"
before=$(in_redis token '{token}:generation')
assert_eq "$(token_of two) 2" "$before" "token and generation"

it "when it goes on it changes nothing, and takes the newer token over"
assert_ne "$(token_of one)" "$(token_of two)" "token of the one that is stopped"
kill -s CONT "$(refresher_of one)"
await "[ \"\$(token_of one)\" = \"\$(token_of two)\" ]"
kill -s CONT "$(pid_of one)"
await "[ \"\$(stub_get concurrent)\" = 0 ]"
assert_eq "$before" "$(in_redis token '{token}:generation')" "token and generation"
assert_eq 3 "$(stub_calls)" "backend calls"

it "an answer that comes when another has published is not published"
ask_slowly one 3000
kill -s STOP "$(refresher_of one)"
redis DEL '{token}:lock' >/dev/null
renew two
await "[ \"\$(redis GET '{token}:generation')\" = 3 ]"
before=$(in_redis token '{token}:generation')
kill -s CONT "$(refresher_of one)"
await "grep -q 'another replica was faster' '$BB_DIR/one.log'"
await "[ \"\$(token_of one)\" = \"\$(token_of two)\" ]"
assert_eq "$before" "$(in_redis token '{token}:generation')" "token and generation"
assert_no_match 'does not respond' "$(cat "$BB_DIR/one.log")" "log"

it "nor one under a generation that was there already"
ask_slowly one 3000
redis SET '{token}:generation' 10 >/dev/null
await "[ \$(grep -c 'another replica was faster' '$BB_DIR/one.log') = 2 ]"
assert_eq "$(token_of two) 10" "$(in_redis token '{token}:generation')" "token"

it "the next one counts on from there"
renew two
await "[ \"\$(redis GET '{token}:generation')\" = 11 ]"
await "[ \"\$(token_of one)\" = \"\$(token_of two)\" ]"
await_redis token "$(token_of two)"

it "nor while somebody else has the lock, which stays as it is"
before=$(in_redis token '{token}:generation')
ask_slowly one 3000
redis SET '{token}:lock' somebody PX 60000 >/dev/null
await "[ \$(grep -c 'another replica was faster' '$BB_DIR/one.log') = 3 ]"
assert_eq "$before somebody" \
  "$(in_redis token '{token}:generation' '{token}:lock')" "token"

it "who waits for an owner that never publishes asks when its lease is over"
stop one
stop two
redis FLUSHALL >/dev/null
redis SET '{token}:lock' somebody PX $((10000 * BB_SLOW)) >/dev/null
stub_set count=reset
start_bearerd "$PATIENT" -n three -l --wait-limit=60s
assert_eq 0 "$(stub_calls)" "backend calls while the lock is busy"
expect_status 200 "$URL/token"
assert_eq 1 "$(stub_calls)" "backend calls"
assert_between 1 1000 "$(metric 'bearerd_lock_total{token="token",outcome="busy"}')" "busy"
await_redis token "$(token_now)"
stop three

it "a lock that outlives each owner is waited for in vain, and the log says so"
redis FLUSHALL >/dev/null
redis SET '{token}:lock' somebody PX 600000 >/dev/null
stub_set count=reset
start_bearerd "$PATIENT" -n four -l --timeout=1s --connect-timeout=500ms
await "[ -n \"\$(token_now)\" ]" 30
assert_eq 1 "$(stub_calls)" "backend calls"
assert_log four 'token token: .*lock in Redis'
assert_eq somebody "$(redis GET '{token}:lock')" "lock"
stop four

it "a lock that has no end, or one beyond every lease, is nobody's"
for end in "" "PX 90000000"; do
  redis FLUSHALL >/dev/null
  # shellcheck disable=SC2086 # two words or none
  redis SET '{token}:lock' ghost $end >/dev/null
  stub_set count=reset
  start_bearerd "$PATIENT" -n ghost -l
  expect_status 200 "$URL/token"
  assert_eq 1 "$(stub_calls)" "backend calls with $end"
  assert_eq "$(token_now) 1" "$(in_redis token '{token}:generation')" \
    "token and generation with $end"
  assert_eq 0 "$(redis EXISTS '{token}:lock')" "lock with $end"
  stop ghost
done

it "a replica hears of a new token at once"
redis FLUSHALL >/dev/null
start_bearerd "$PATIENT" -n five
url_of[five]=$URL
start_bearerd "$PATIENT" -n six
url_of[six]=$URL
renew five
await "[ \"\$(redis GET '{token}:generation')\" = 2 ]"
await "[ \"\$(token_of six)\" = \"\$(redis GET token)\" ]" 5

it "it takes it even while a call of its own hangs"
ask_slowly six 4000
redis DEL '{token}:lock' >/dev/null
before=$(token_of five)
renew five
await "[ \"\$(token_of five)\" != '$before' ]"
await "[ \"\$(token_of six)\" = \"\$(token_of five)\" ]" 2
assert_eq 1 "$(stub_get concurrent)" "calls under way"
await "[ \$(stub_get concurrent) -eq 0 ]"
await "grep -q 'another replica was faster' '$BB_DIR/six.log'"
assert_eq "$(token_of five) 3" "$(in_redis token '{token}:generation')" \
  "token and generation"
assert_eq "$(token_of five)" "$(token_of six)" "token"

it "what it could not hear it looks for as soon as it hears again"
kill -s STOP "$(pid_of six)"
kill -s STOP "$(refresher_of six)"
redis CLIENT KILL TYPE pubsub >/dev/null
renew five
await "[ \"\$(redis GET '{token}:generation')\" = 4 ]"
kill -s CONT "$(refresher_of six)"
await "[ \"\$(token_of six)\" = \"\$(redis GET token)\" ]"
kill -s CONT "$(pid_of six)"
stop six

it "a replica that may not listen looks again and again, and the log says why"
redis ACL SETUSER deaf on '>pw' '~*' resetchannels +@all >/dev/null
start_bearerd "$PATIENT" -n seven REDIS_PW=pw --redis-user=deaf
url_of[seven]=$URL
await "grep -q 'Redis: subscription .*NOPERM' '$BB_DIR/seven.log'"
calls=$(stub_calls)
ask_slowly five 1500
renew seven
await "[ \"\$(redis GET '{token}:generation')\" = 5 ]"
await "[ \"\$(token_of seven)\" = \"\$(redis GET token)\" ]" 5
assert_eq $((calls + 1)) "$(stub_calls)" "backend calls"

it "a Redis that answers later than a lease allows is no reason to have no token"
redis FLUSHALL >/dev/null
slow=$(free_port)
spawn slow python3 "$BB_SOURCE/delay.py" "$slow" "$REDIS_PORT" 1.2
await "grep -q ready '$BB_DIR/slow.log'"
start_bearerd "$PATIENT" -n nine -l BEARERD_REDIS_PORT="$slow" --timeout=1s \
  --connect-timeout=500ms
await "[ -n \"\$(token_now)\" ]" 40
stop nine

it "a rotation that was heard before Redis went away does no harm"
stop five
stop seven
start_redis -n second
start_bearerd "$PATIENT" -n eight
stub_set "mode=ok&status=500&delay=1500"
renew eight
await "[ \$(stub_get concurrent) -eq 1 ]"
redis PUBLISH '{token}:rotated' '7 0123456789abcdef' >/dev/null
stop second
await "grep -q 'the backend answered status 500' '$BB_DIR/eight.log'"
expect_status 200 "$URL/token"
await "grep -q 'next attempt in' '$BB_DIR/eight.log'"
assert_no_death eight

it "who counts on from a generation that Redis has lost tells Redis at once"
stop eight
start_redis -n third
start_stub -n broken
start_bearerd "$PATIENT" -n behind
for _ in 1 2; do
  before=$(redis GET '{token}:generation')
  renew behind
  await "[ \"\$(redis GET '{token}:generation')\" -gt $before ]"
done
stub_set "mode=ok&life=3"
renew behind
await "[ \"\$(redis GET '{token}:generation')\" -ge 4 ]"
stub_set "mode=ok&status=500"
await "grep -q 'has expired' '$BB_DIR/behind.log'"
before=$(redis GET '{token}:generation')
redis FLUSHALL >/dev/null
behind=$URL
# Somebody who has begun anew publishes: all of it at once, as the script does,
# since a chain of ours may look at any moment.
print=$(printf anew | sha256sum | cut -c 1-16)
redis >/dev/null <<END
MULTI
SET token anew PX 60000
HSET {token}:meta generation 1 fingerprint $print expires_at_ms $(($(now_ms) + 70000)) obtained_at_ms $(now_ms)
SET {token}:generation 1
PUBLISH {token}:rotated "1 $print"
EXEC
END
await "[ \"\$(URL=$behind token_now)\" = anew ]"
await "[ \"\$(redis GET '{token}:generation')\" = $((before + 1)) ]"
assert_eq anew "$(redis GET token)" "token in Redis"

finish
