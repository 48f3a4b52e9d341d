#!/bin/bash
# SPDX-License-Identifier: MIT
# Redis absent, hung, full, read-only, refusing, or with nonsense in it: callers
# get their token all the same.
. "$(dirname "$0")/lib.sh"

# serves NAME: the instance hands a token out, and no process of it has died.
serves() {
  expect_status 200 "$URL/token"
  assert_no_death "$1"
}

start_stub -l 600
it "Redis that is not there costs a notice in the log"
start_bearerd -n absent REDIS_HOST=127.0.0.1 BEARERD_REDIS_PORT="$(free_port)"
serves absent
assert_log absent 'Redis is unreachable: .*Connection refused'
assert_eq 0 "$(metric bearerd_redis_up)" "bearerd_redis_up"
stop absent

start_redis --requirepass s3cret
# A start during which Redis was out of reach is over: give it time.
it "a wrong password at the start ends it with status 3 and the reason"
start_bearerd -x -n refused REDIS_PW=wrong --redis-timeout=30s
reap "$(pid_of refused)" 30
assert_eq 3 "$EXIT_STATUS" "exit status"
assert_log refused 'Redis refuses our credentials; check redis-password'

it "no password where one is needed is the same"
start_bearerd -x -n nopassword -u REDIS_PW --redis-timeout=30s
reap "$(pid_of nopassword)" 30
assert_eq 3 "$EXIT_STATUS" "exit status"

it "a password whose file is not there yet is not guessed at"
redis CONFIG RESETSTAT >/dev/null
start_bearerd -n later -u REDIS_PW --redis-password-file="$BB_DIR/later"
await "grep -q 'Redis password: .*later: No such file' '$BB_DIR/later.log'"
serves later
auths() {
  redis INFO commandstats | grep -c -E '^cmdstat_(auth|hello):calls=[0-9]+,.*rejected_calls=0,failed_calls=[1-9]'
}
assert_eq 0 "$(auths)" "kinds of refused logins"
assert_log later 'there is no password to show'
(umask 077 && echo "$REDIS_PASSWORD" >"$BB_DIR/later")
await "[ \$(metric bearerd_redis_up) = 1 ]" 15
stop later

it "a value that is no token is ignored and written over"
redis SET token $'two\nlines' >/dev/null
start_bearerd -n corrupt
serves corrupt
await "redis GET token | grep -q '^stub-'"
stop corrupt

it "a value of another type is ignored and written over"
redis DEL token '{token}:meta' >/dev/null
redis LPUSH token x >/dev/null
start_bearerd -n type
serves type
await "redis GET token | grep -q '^stub-'"
stop type

it "a value without an expiry is not trusted"
redis DEL token '{token}:meta' '{token}:lock' >/dev/null
redis SET token for-ever >/dev/null
start_bearerd -n forever
assert_match '^stub-' "$(token_now)" "token"
await "grep -q 'has no expiry; ignored' '$BB_DIR/forever.log'"
await "[ \$(redis PTTL token) -gt 0 ]"

it "FLUSHALL: no caller notices, and the backend is not called"
calls=$(stub_calls)
token=$(token_now)
redis FLUSHALL >/dev/null
assert_eq "$token" "$(token_now)" "token"
assert_eq "$calls" "$(stub_calls)" "backend calls"

it "a Redis that lost everything gets the token back when it returns"
redis CLIENT KILL TYPE normal SKIPME yes >/dev/null
await "[ \"\$(redis GET token)\" = '$token' ]" 5
assert_between 1 600000 "$(redis PTTL token)" "PTTL"
assert_eq "$calls" "$(stub_calls)" "backend calls"

it "a hung Redis does not delay callers; after three failures it is left alone"
# shellcheck disable=SC2119 # of URL
answers_ms && quiet=$REPLY
redis CLIENT PAUSE 6000 ALL >/dev/null
kill -s USR1 "$(pid_of forever)"
# shellcheck disable=SC2119 # of URL
answers_ms
assert_as_quick "$quiet" "$REPLY" "ten answers"
await "[ \$(stub_calls) -gt $calls ]" 5
await "grep -q 'Redis is unreachable: no answer in time' '$BB_DIR/forever.log'"
await "[ \$(metric bearerd_redis_up) = 1 ]" 15
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]"
stop forever

it "a full Redis: the token is served, the log says why it is not shared"
redis FLUSHALL >/dev/null
redis CONFIG SET maxmemory 1 >/dev/null
start_bearerd -n full
serves full
await "grep -q 'Redis: .*OOM' '$BB_DIR/full.log'"
redis CONFIG SET maxmemory 0 >/dev/null
stop full

it "a read-only Redis: likewise"
redis REPLICAOF 127.0.0.1 1 >/dev/null
start_bearerd -n readonly
serves readonly
await "grep -q -E 'Redis: .*(READONLY|MASTERDOWN|EXECABORT)' '$BB_DIR/readonly.log'"
redis REPLICAOF NO ONE >/dev/null
stop readonly

it "a user without the right to write: likewise"
redis ACL SETUSER reader on '>pw' '~*' '&*' -@all +get +pttl +hmget +multi \
  +exec +ping +subscribe >/dev/null
start_bearerd -n reader REDIS_PW=pw --redis-user=reader
serves reader
await "grep -q -E 'Redis: .*(NOPERM|EXECABORT)' '$BB_DIR/reader.log'"

it "of several addresses none is tried more often when all are gone"
start_bearerd -n gone -u REDIS_HOST --log-level=debug \
  --redis-cluster="127.0.0.1:$(free_port), 127.0.0.1:$(free_port)"
serves gone
sleep 1
assert_between 1 30 "$(grep -c 'Redis subscription' "$BB_DIR/gone.log")" attempts
stop gone

it "nor when they begin to refuse our password"
start_redis -n several --requirepass s3cret
start_bearerd -n several -u REDIS_HOST \
  --redis-cluster="127.0.0.1:$REDIS_PORT, $(name_of_loopback):$REDIS_PORT"
serves several
redis CONFIG SET requirepass changed >/dev/null
REDIS_PASSWORD=changed
redis CLIENT KILL TYPE normal SKIPME yes >/dev/null
redis CLIENT KILL TYPE pubsub >/dev/null
sleep 1
assert_between 1 10 "$(redis INFO errorstats |
  sed -n 's/^errorstat_WRONGPASS:count=\([0-9]*\).*/\1/p')" refusals
serves several
stop several

it "several that hang hold a renewal up no longer than two"
port=$(free_port)
spawn wide redis-server --port "$port" --bind 127.0.0.{1..6} --save '' \
  --appendonly no --dir "$BB_DIR"
await "redis-cli -p $port PING | grep -q PONG"
start_bearerd -n hung -u REDIS_HOST -u REDIS_PW \
  --redis-cluster="$(printf "127.0.0.%d:$port," {1..5})127.0.0.6:$port"
serves hung
calls=$(stub_calls)
kill -s STOP "$(pid_of wide)"
from=$(now_ms)
kill -s USR1 "$(pid_of hung)"
await "[ \$(stub_calls) -gt $calls ]" 20
assert_within 4 "$from" "asking the backend"
kill -s CONT "$(pid_of wide)"
stop hung

finish
