#!/bin/bash
# SPDX-License-Identifier: MIT
# Look-ups at a replica of Redis: they go there, and whatever becomes of it -
# dead, behind, hung - no caller and no other replica of bearerd waits for it.
. "$(dirname "$0")/lib.sh"

# Two servers on one port, as redis-read-host has no port of its own.
PRIMARY=127.0.0.1 REPLICA=127.0.0.2

# at ADDRESS COMMAND...
at() {
  REDIS_ADDRESS=$1 redis "${@:2}"
}

# looked_up ADDRESS: how often a value was read there.
looked_up() {
  at "$1" INFO commandstats | tr -d '\r' |
    sed -n 's/^cmdstat_get:calls=\([0-9]*\).*/\1/p' | grep . || echo 0
}

start_replica() {
  start_redis -n replica --port "$PORT" --bind $REPLICA \
    --replicaof "$PRIMARY $PORT" --repl-diskless-sync-delay 0
  REDIS_ADDRESS=$PRIMARY
  await "at $REPLICA INFO replication | grep -q master_link_status:up" 20
}

# renew NAME: its token.
renew() {
  kill -s USR1 "$(pid_of "$1")"
}

token_of() {
  URL=${url_of[$1]} token_now
}

# renewed NAME: its next generation is in Redis.
renewed() {
  local generation
  generation=$(redis GET '{token}:generation')
  renew "$1"
  await "[ \$(redis GET '{token}:generation') -gt $generation ]"
}

declare -A url_of
start_redis -n primary --repl-diskless-sync-delay 0
PORT=$REDIS_PORT
start_replica
start_stub -l 600
start_bearerd -n one --redis-read-host=$REPLICA
url_of[one]=$URL
start_bearerd -n two
url_of[two]=$URL

it "look-ups go to redis-read-host, locks and publications to redis-host"
await "[ \"\$(at $REPLICA GET token)\" = \"\$(redis GET token)\" ]"
read_there=$(looked_up $REPLICA)
evals=$(at $PRIMARY INFO commandstats | grep -c -E '^cmdstat_(eval|evalsha):')
redis SET '{token}:lock' somebody PX 3000 >/dev/null
renew one
await "[ \$(looked_up $REPLICA) -ge $((read_there + 4)) ]"
assert_match '[1-9]' "$evals" "scripts at the primary"
await "[ \$(redis GET '{token}:generation') = 2 ]"
assert_eq 2 "$(stub_calls)" "backend calls"

it "a replica that is behind does not hold a newer token up"
at $REPLICA REPLICAOF NO ONE >/dev/null
old=$(at $REPLICA GET token)
renewed two
assert_eq "$old" "$(at $REPLICA GET token)" "token of the replica"
await "[ \"\$(token_of one)\" = \"\$(redis GET token)\" ]" 5
assert_ne "$old" "$(token_of one)" "token"

it "nor brings an old one back, nor costs a call"
calls=$(stub_calls)
before=$(token_of one)
redis CLIENT KILL TYPE pubsub >/dev/null
renewed one
assert_ne "$old" "$(token_of one)" "token"
assert_ne "$before" "$(redis GET token)" "token"
assert_eq $((calls + 1)) "$(stub_calls)" "backend calls"

it "a replica that hangs costs no caller anything"
await "[ \$(looked_up $REPLICA) -gt 0 ]"
answers_ms "${url_of[one]}" && quiet=$REPLY
kill -s STOP "$(pid_of replica)"
generation=$(redis GET '{token}:generation')
renew one
answers_ms "${url_of[one]}"
assert_as_quick "$quiet" "$REPLY" "ten answers"
await "grep -q 'redis-read-host is unreachable' '$BB_DIR/one.log'"
await "[ \$(redis GET '{token}:generation') -eq $((generation + 1)) ]"

it "nor one who has no token yet"
start_bearerd -n three -l --redis-read-host=$REPLICA --redis-timeout=30s \
  --wait-limit=30s
from=$(now_ms)
expect_status 200 "$URL/token"
[ $(($(now_ms) - from)) -lt 25000 ] || fail "it waited for the replica"
await_redis token "$(token_now)"
assert_no_match 'Redis is unreachable' "$(cat "$BB_DIR/three.log")" "log"
stop three

it "a replica that is gone is replaced by the primary"
kill -s CONT "$(pid_of replica)"
stop replica
read_here=$(looked_up $PRIMARY)
renewed one
assert_between $((read_here + 1)) $((read_here + 100)) "$(looked_up $PRIMARY)" \
  "reads at the primary"
await "[ \"\$(token_of two)\" = \"\$(token_of one)\" ]"

it "and used again when it is back"
start_replica
await "renew one; [ \$(looked_up $REPLICA) -gt 0 ]" 15

it "a primary that is known to hang is not waited for any more"
stop one
stop two
start_bearerd -n four --redis-timeout=5s --log-level=debug
kill -s STOP "$(pid_of primary)"
renew four
await "[ \$(grep -c 'Redis is unreachable' '$BB_DIR/four.log') -eq 2 ]" 30
from=$(now_ms)
for _ in 1 2 3; do
  calls=$(stub_calls)
  renew four
  await "[ \$(stub_calls) -gt $calls ]"
done
[ $(($(now_ms) - from)) -lt 14000 ] || fail "each waited for the primary"

it "and gets the token when it goes on"
kill -s CONT "$(pid_of primary)"
await "[ \"\$(metric bearerd_redis_up)\" = 1 ]"
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]"

finish
