#!/bin/bash
# SPDX-License-Identifier: MIT
# Three Sentinels watch a primary and its replica: bearerd goes where they say,
# and no caller notices.
# needs: python3
. "$(dirname "$0")/lib.sh"

# start_sentinel NUMBER [DIRECTIVE...]: sets SENTINEL_PORT.
start_sentinel() {
  local number=$1 file=$BB_DIR/sentinel-$1.conf
  shift
  SENTINEL_PORT=$(free_port)
  printf '%s\n' "port $SENTINEL_PORT" "bind 127.0.0.1" "dir $BB_DIR" \
    "sentinel monitor mymaster 127.0.0.1 $primary 2" \
    "sentinel down-after-milliseconds mymaster 1000" \
    "sentinel failover-timeout mymaster 3000" "$@" >"$file"
  spawn "sentinel-$number" redis-server "$file" --sentinel
}

# sentinel WORD...: to the third of them.
sentinel() {
  redis-cli -p "$SENTINEL_PORT" SENTINEL "$@"
}

# primary_port: as the Sentinels have it.
primary_port() {
  sentinel get-master-addr-by-name mymaster | tail -n 1
}

start_redis -n primary
primary=$REDIS_PORT
start_redis -n replica --replicaof 127.0.0.1 "$primary"
list=127.0.0.1:$(free_port) # nobody is there
for number in 1 2 3; do
  start_sentinel $number
  list=$list,127.0.0.1:$SENTINEL_PORT
done
await "sentinel sentinels mymaster | grep -c runid | grep -q 2" 20
await "sentinel replicas mymaster | grep -q runid" 20
start_stub -l 600

it "the Sentinels name the Redis in which a token is shared; one may be absent"
start_bearerd -n one -u REDIS_HOST --redis-sentinels="$list"
one=$URL one_admin=$ADMIN
start_bearerd -n two -u REDIS_HOST --redis-sentinels="$list"
REDIS_PORT=$primary
token=$(token_now)
await_redis token "$token"
assert_eq 1 "$(stub_calls)" "backend calls"
assert_log one "the Sentinels name 127.0.0.1 port $primary as the primary"

it "the primary dies under load: no caller notices, no call is made"
"$BB_SOURCE/callers.py" "${one##*:}" 8 10 400 >"$BB_DIR/callers" &
callers=$!
kill -s KILL "$(pid_of primary)"
await "[ \"\$(primary_port)\" != $primary ]" 20
second=$(primary_port) REDIS_PORT=$(primary_port)
await "[ \"\$(metric bearerd_redis_up)\" = 1 ]" 5
await "[ \"\$(metric bearerd_redis_up $one_admin)\" = 1 ]" 5
wait $callers
assert_eq "lost=0 refused=0 wrong=0" \
  "$(grep -E '^(lost|refused|wrong)=' "$BB_DIR/callers" | xargs)" "callers"
assert_eq status_200 "$(grep -o '^status_[0-9]*' "$BB_DIR/callers")" "statuses"
assert_eq 1 "$(stub_calls)" "backend calls"

it "what the new primary has lost is written again"
await_redis token "$token"
redis FLUSHALL >/dev/null
redis CLIENT KILL TYPE normal SKIPME yes >/dev/null
await "[ \"\$(redis GET token)\" = '$token' ]" 5
assert_eq 1 "$(stub_calls)" "backend calls"

it "a renewal is published there, and heard by the other"
kill -s USR1 "$(pid_of two)"
await "[ \"\$(redis GET token)\" != '$token' ]"
token=$(redis GET token)
await "[ \"\$(token_now)\" = '$token' ]"
await "[ \"\$(URL=$one token_now)\" = '$token' ]" 2
assert_eq 2 "$(stub_calls)" "backend calls"

it "a primary that is made a replica is left as well"
start_redis -n back --replicaof 127.0.0.1 "$second"
await "sentinel replicas mymaster | grep -q '^$REDIS_PORT\$'" 20
await "redis INFO replication | grep -q master_link_status:up"
await "sentinel failover mymaster | grep -q OK" 10
await "[ \"\$(primary_port)\" != $second ]" 20
REDIS_PORT=$(primary_port)
await "redis ROLE | grep -q master"
redis DEL token >/dev/null
kill -s USR1 "$(pid_of one)"
await "[ \"\$(redis GET token)\" = \"\$(URL=$one token_now)\" ]" 10
await "[ \"\$(token_now)\" = \"\$(redis GET token)\" ]" 10
stop one
stop two

it "what was asked of a primary that hangs is asked of the next one"
start_bearerd -n patient -u REDIS_HOST --redis-sentinels="$list" \
  --redis-timeout=30s --exclusive=yes
token=$(token_now) hung=$(primary_port) calls=$(stub_calls)
kill -s STOP "$(pid_of back)"
kill -s USR1 "$(pid_of patient)"
await "[ \"\$(primary_port)\" != $hung ]" 20
REDIS_PORT=$(primary_port)
await "[ \"\$(token_now)\" != '$token' ]" 10
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]" 5
assert_no_match 'without the lock' "$(cat "$BB_DIR/patient.log")" "log"
assert_eq $((calls + 1)) "$(stub_calls)" "backend calls"
kill -s CONT "$(pid_of back)"
stop patient

it "a name that the Sentinels do not know: said in the log, callers are served"
start_bearerd -n unknown -u REDIS_HOST --redis-sentinels="$list" \
  --redis-sentinel-master=other
expect_status 200 "$URL/token"
assert_log unknown "no Sentinel names the primary of 'other': .*no primary of that name"
assert_eq 0 "$(metric bearerd_redis_up)" "bearerd_redis_up"
stop unknown

it "Sentinels may ask for a password"
primary=$(primary_port)
start_sentinel 4 "requirepass dinner"
start_bearerd -n wrong -u REDIS_HOST \
  --redis-sentinels="127.0.0.1:$SENTINEL_PORT"
expect_status 200 "$URL/token"
assert_log wrong 'refuses our credentials; check redis-sentinel-password'
stop wrong
start_bearerd -n right -u REDIS_HOST \
  --redis-sentinels="127.0.0.1:$SENTINEL_PORT" \
  BEARERD_REDIS_SENTINEL_PASSWORD=dinner
await_redis token "$(token_now)"
assert_eq 1 "$(metric bearerd_redis_up)" "bearerd_redis_up"

finish
