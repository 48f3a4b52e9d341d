#!/bin/bash
# SPDX-License-Identifier: MIT
# Names of Redis servers: a new address is found, and a resolver that never
# answers holds nobody up.  In a mount namespace with an /etc of its
# own.
# needs: python3 mount
. "$(dirname "$0")/lib.sh"

# Reads at UDP port 53 and answers nothing, so that each question lasts.
silent_resolver() {
  spawn resolver python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 53))
print("bound", flush=True)
while True:
    s.recv(1500)
    print("asked", flush=True)' "$RESOLVER"
  await "grep -q bound '$BB_DIR/resolver.log'" || bail "there is no resolver"
}

# questions: how many it was asked.
questions() {
  grep -c asked "$BB_DIR/resolver.log"
}

it "names can be tried here"
if ! unshare -m true 2>"$BB_DIR/unshare.err"; then
  skip "unshare -m is not allowed here"
  exit
fi
RESOLVER=127.0.$((SRANDOM % 250 + 1)).53
# All of /etc, since not every machine has the two files there.
mkdir "$BB_DIR/etc"
cp /etc/passwd /etc/group "$BB_DIR/etc"
echo "hosts: files dns" >"$BB_DIR/etc/nsswitch.conf"
HOSTS=$BB_DIR/etc/hosts
echo "127.0.0.1 redis.test" >"$HOSTS"
printf 'nameserver %s\noptions timeout:5 attempts:3\n' $RESOLVER \
  >"$BB_DIR/etc/resolv.conf"
cat >"$BB_DIR/namespace" <<E
#!/bin/sh
mount --bind "$BB_DIR/etc" /etc && exec "\$@"
E
chmod 755 "$BB_DIR/namespace"
BEARERD_WRAP="unshare -m $BB_DIR/namespace $BEARERD_WRAP"

start_stub -l 600
start_redis -n first
port=$REDIS_PORT
it "a Redis that moves to another address is found there"
start_bearerd -n mover REDIS_HOST=redis.test
await_redis token "$(token_now)"
start_redis -n second --bind 127.0.0.2 --port "$port"
echo "127.0.0.2 redis.test" >"$HOSTS"
stop first
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]"
await "[ \"\$(metric bearerd_redis_up)\" = 1 ]"
assert_eq 1 "$(stub_calls)" "backend calls"

it "so is one whose name nobody knew for a while"
silent_resolver
: >"$HOSTS"
stop second
await "[ \"\$(metric bearerd_redis_up)\" = 0 ]"
await "[ \$(questions) -gt 0 ]"
start_redis -n third --port "$port"
echo "127.0.0.1 redis.test" >"$HOSTS"
# The look-up that was begun before lasts for three times five seconds.
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]" 25
assert_eq 1 "$(stub_calls)" "backend calls"
stop mover

it "a resolver that never answers holds no caller up"
stub_set "mode=ok&life=8&count=reset"
: >"$HOSTS"
asked=$(questions)
start_bearerd -n silent -l REDIS_HOST=redis.test --renew-at=30%-40%
from=$(now_ms)
await "[ -n \"\$(token_now)\" ]"
# A question lasts for three times five seconds.
[ $(($(now_ms) - from)) -lt 14000 ] || fail "it waited for the resolver"

it "nor a renewal, and the refresher shows signs of life all the time"
refresher=$(children_of "$(pid_of silent)" refresher)
wrong=0
until [ "$(stub_calls)" -ge 4 ]; do
  http "$URL/token"
  [ "$STATUS" = 200 ] || wrong=$((wrong + 1))
  patience 20
  [ $(($(now_ms) - from)) -lt "$REPLY" ] || break
done
assert_between 4 5 "$(stub_calls)" "backend calls"
assert_eq 0 $wrong "answers other than 200"
assert_eq "$refresher" "$(children_of "$(pid_of silent)" refresher)" "refresher"
assert_no_match 'does not respond' "$(cat "$BB_DIR/silent.log")" "log"
assert_between $((asked + 1)) $((asked + 50)) "$(questions)" "questions"

it "and it ends as quickly as ever"
from=$(now_ms)
stop silent
assert_eq 0 "$EXIT_STATUS" "exit status"
[ $(($(now_ms) - from)) -lt 14000 ] || fail "it waited for the resolver"

finish
