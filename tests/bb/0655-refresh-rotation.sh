#!/bin/bash
# SPDX-License-Identifier: MIT
# Refresh tokens that rotate: none is lost, and none is used twice but for one
# retry of a call that had no outcome, whatever dies at whatever moment.
# limit: 300
. "$(dirname "$0")/lib.sh"

port=$(free_port)
SERVER=http://127.0.0.1:$port
spawn server python3 "$BB_SOURCE/rotating.py" "$port" 4
await "grep -q ready '$BB_DIR/server.log'"
openssl rand -hex 32 | sed 's/^/k1 /' >"$BB_DIR/keys"
chmod 600 "$BB_DIR/keys"

# state NAME: of the server.
state() { json "$1" "$(get "$SERVER/state")"; }
mode() { get "$SERVER/mode?$1" >/dev/null; }

# seed: a new family; its first token is in the file.
seed() { get "$SERVER/seed" | tr -d '"' >"$BB_DIR/seed"; }

# configure LINE...: the file that bearerd reads.
configure() {
  printf 'token token {\nbase-url = %s\ngrant = refresh-token\n' "$SERVER"
  printf 'client-id = gateway\ntimeout = 3s\nrefresh-token-file = %s\n' "$BB_DIR/seed"
  printf '%s\n' "$@" '}'
} >"$BB_DIR/a.conf"

start() {
  start_bearerd -n "$1" -l --config="$BB_DIR/a.conf" --wait-limit=1s "${@:2}"
}

# rotated N: so many rotations more, which are asked for.
rotated() {
  local from
  from=$(state rotations)
  await "renew; [ \"\$(state rotations)\" -ge $((from + $1)) ]" 30
}

# renew: ask all that run for a newer token.
renew() {
  local name
  for name in one two a b c; do
    [ -z "${PID_OF[$name]:-}" ] || kill -s USR1 "${PID_OF[$name]}" 2>/dev/null
  done
}

# used: a refresh token has been used a moment ago; its answer is on its way.
used() {
  local before
  before=$(state rotations)
  await "renew; [ \"\$(state rotations)\" -gt $before ]" 30
}

refresher_of() { children_of "$(pid_of "$1")" refresher; }

FILE=$BB_DIR/store/refresh
mkdir "$BB_DIR/store"
seed
configure "refresh-token-store = $FILE"

it "without Redis the next one is in a file of its own, for the owner alone"
start one
await "[ -n \"\$(token_now)\" ]"
rotated 2
assert_match '^1 [0-9a-f]{16} [01] 0 rt~1~[0-9]+$' "$(cat "$FILE")" "record"
assert_eq 600 "$(stat -c %a "$FILE")" "mode"
assert_no_match 'rt~' "$(cat "$BB_DIR/one.log")" "log"

it "a refresher that is killed at any moment goes on with the right one"
for pause in 0 0.1 0.3 0.7 1.1 1.7 2.3; do
  sleep "$pause"
  kill -s KILL "$(refresher_of one)"
  await "[ -n \"\$(refresher_of one)\" ]"
done
rotated 2
assert_eq "0 1" "$(state reuses) $(state alive)" "reuses, families alive"

it "killed between the use and the answer, it tries the old one once, and no more"
mode "delay=2&grace=1"
used
kill -s KILL "$(refresher_of one)"
mode "delay=0"
await "[ \"\$(state graces)\" = 1 ]"
rotated 2
assert_eq "0 1" "$(state reuses) $(state alive)" "reuses, families alive"

it "an answer that certainly used nothing up costs no try"
mode "status=503"
before=$(state calls)
await "[ \"\$(state calls)\" -ge $((before + 3)) ]" 30
mode "status=0"
rotated 1
assert_eq "0 1" "$(state reuses) $(state alive)" "reuses, families alive"

it "a call that cannot be made costs no try"
sed 's/client-id = gateway/&\nclient-secret-file = secret/' "$BB_DIR/a.conf" |
  sed "s,= secret,= $BB_DIR/secret," >"$BB_DIR/b.conf"
cp "$BB_DIR/a.conf" "$BB_DIR/c.conf"
cp "$BB_DIR/b.conf" "$BB_DIR/a.conf"
kill -s HUP "$(pid_of one)"
await "[ \$(grep -c 'configuration was reloaded' '$BB_DIR/one.log') = 1 ]"
for _ in 1 2 3; do
  lines=$(grep -c "token token: .*secret: No such file" "$BB_DIR/one.log")
  await "renew; [[ \$(metric 'bearerd_renewals_total{token=\"token\",result=\"credentials\"}') -gt $lines ]]"
done
cp "$BB_DIR/c.conf" "$BB_DIR/a.conf"
kill -s HUP "$(pid_of one)"
await "[ \$(grep -c 'configuration was reloaded' '$BB_DIR/one.log') = 2 ]"
rotated 1
assert_eq "0 1" "$(state reuses) $(state alive)" "reuses, families alive"

it "a server that keeps its refresh token is asked with the same one"
mode "keep=1"
rotated 2
mode "keep=0"
rotated 2
assert_eq "0 1" "$(state reuses) $(state alive)" "reuses, families alive"

it "a reload or a stop in the middle of a call waits for its outcome"
mode "delay=1"
used
kill -s HUP "$(pid_of one)"
await "[ \$(grep -c 'configuration was reloaded' '$BB_DIR/one.log') = 3 ]"
rotated 1
used
stop one
mode "delay=0"
start two
rotated 2
assert_eq "0 1" "$(state reuses) $(state alive)" "reuses, families alive"

it "two calls without an outcome end it: no further call, and the state says so"
mode "delay=4&grace=0" # longer than the time-out
await "grep -q 'somebody has to log in again' '$BB_DIR/two.log'" 40
calls=$(state calls)
assert_match '"state":"REAUTHORIZE"' "$(get "$ADMIN/status.json")" "status"
assert_eq 1 "$(metric 'bearerd_token_state{token="token",state="REAUTHORIZE"}')" "metric"
mode "delay=0"
kill -s USR1 "$(pid_of two)"
await "[ \$(grep -c 'somebody has to log in again' '$BB_DIR/two.log') -ge 1 ]"
assert_eq 1 "$(state reuses)" "reuses: the one retry"
sleep 3
assert_eq "$calls" "$(state calls)" "calls"

it "another first token begins a new family at once"
seed
await "[ \"\$(state calls)\" -gt $calls ]" 10
await "[[ \$(token_now) == access-2-* ]]"
await "! grep -q REAUTHORIZE <<<\"\$(get $ADMIN/status.json)\""
stop two

it "a record that is none of ours is left as it is"
echo "my notes" >"$FILE"
calls=$(state calls)
start strange
await "grep -q 'record of the refresh token is not one of ours; it is left as it is' '$BB_DIR/strange.log'"
assert_eq "my notes" "$(cat "$FILE")" "file"
assert_eq "$calls" "$(state calls)" "calls"
stop strange

# shellcheck disable=SC2119 # no options
start_redis
configure "exclusive = yes"
seed
it "three replicas on one Redis make one call per life, and the record is sealed"
for name in a b c; do
  start $name --redis-key-file="$BB_DIR/keys"
done
await "[[ \$(token_now) == access-3-* ]]"
rotated 6
assert_match '^bearerd1\.k1\.' "$(redis GET '{token}:refresh')" "record"
assert_eq 1 "$(state reuses)" "reuses"

it "refreshers of a fleet that are killed, one after the other, lose nothing"
mode "grace=1"
for name in a b c a b c a b c; do
  sleep 0.$((RANDOM % 9))
  kill -s KILL "$(refresher_of $name)"
  await "[ -n \"\$(refresher_of $name)\" ]"
done
rotated 3
assert_eq 1 "$(state reuses)" "reuses"

it "a Redis that is gone between call and record loses nothing"
mode "grace=0&delay=1"
used
redis CLIENT KILL TYPE normal SKIPME yes >/dev/null
mode "delay=0"
rotated 3
redis_pid=$(pid_of redis)
for _ in 1 2 3; do
  mode "delay=1"
  used
  kill -s STOP "$redis_pid"
  sleep 1.5
  kill -s CONT "$redis_pid"
  mode "delay=0"
  rotated 2
done
assert_eq 1 "$(state reuses)" "reuses"

it "a Redis that has lost everything gets the record back from who has it"
rotated 1
for name in a b c; do
  redis FLUSHALL >/dev/null
  rotated 2
done
assert_eq 1 "$(state reuses)" "reuses"

it "a record of another type is left as it is, and no call is made"
redis DEL '{token}:refresh' >/dev/null
redis SADD '{token}:refresh' x >/dev/null
calls=$(state calls)
renew
await "grep -q 'record of the refresh token cannot be opened; it is left as it is' '$BB_DIR'/[abc].log"
assert_eq set "$(redis TYPE '{token}:refresh')" "type"
assert_eq "$calls" "$(state calls)" "calls"

it "a record in Redis that cannot be opened is left as it is"
for name in a b c; do stop $name; done
redis SET '{token}:refresh' bearerd1.k9.abcd >/dev/null
redis DEL token '{token}:meta' '{token}:lock' '{token}:refused' >/dev/null
calls=$(state calls)
start d --redis-key-file="$BB_DIR/keys"
await "grep -q 'record of the refresh token cannot be opened; it is left as it is' '$BB_DIR/d.log'"
assert_eq bearerd1.k9.abcd "$(redis GET '{token}:refresh')" "record"
assert_eq "$calls" "$(state calls)" "calls"
