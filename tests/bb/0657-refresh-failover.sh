#!/bin/bash
# SPDX-License-Identifier: MIT
# The primary Redis dies while a refresh token is in use: what is used next is
# written to the next primary, and the family lives.
. "$(dirname "$0")/lib.sh"

# start_sentinel NUMBER: sets SENTINEL_PORT.
start_sentinel() {
  local file=$BB_DIR/sentinel-$1.conf
  SENTINEL_PORT=$(free_port)
  printf '%s\n' "port $SENTINEL_PORT" "bind 127.0.0.1" "dir $BB_DIR" \
    "sentinel monitor mymaster 127.0.0.1 $primary 2" \
    "sentinel down-after-milliseconds mymaster 1000" \
    "sentinel failover-timeout mymaster 3000" >"$file"
  spawn "sentinel-$1" redis-server "$file" --sentinel
}

sentinel() { redis-cli -p "$SENTINEL_PORT" SENTINEL "$@"; }
state() { json "$1" "$(get "$SERVER/state")"; }
mode() { get "$SERVER/mode?$1" >/dev/null; }

port=$(free_port)
SERVER=http://127.0.0.1:$port
spawn server python3 "$BB_SOURCE/rotating.py" "$port" 600
await "grep -q ready '$BB_DIR/server.log'"
openssl rand -hex 32 | sed 's/^/k1 /' >"$BB_DIR/keys"
chmod 600 "$BB_DIR/keys"
get "$SERVER/seed" | tr -d '"' >"$BB_DIR/seed"

start_redis -n primary
primary=$REDIS_PORT
start_redis -n replica --replicaof 127.0.0.1 "$primary"
list=
for number in 1 2 3; do
  start_sentinel $number
  list=${list:+$list,}127.0.0.1:$SENTINEL_PORT
done
await "sentinel sentinels mymaster | grep -c runid | grep -q 2" 20
await "sentinel replicas mymaster | grep -q runid" 20
cat >"$BB_DIR/a.conf" <<EOT
token token {
  base-url = $SERVER
  grant = refresh-token
  client-id = gateway
  exclusive = yes
  refresh-token-file = $BB_DIR/seed
}
EOT
for name in one two three; do
  start_bearerd -n $name -u REDIS_HOST --config="$BB_DIR/a.conf" \
    --redis-key-file="$BB_DIR/keys" --redis-sentinels="$list"
done

it "the primary dies between the use and the record"
assert_eq 1 "$(state rotations)" "rotations"
mode "delay=1.5"
kill -s USR1 "$(pid_of three)"
await "[ \"\$(state rotations)\" = 2 ]"
kill -s KILL "$(pid_of primary)"
mode "delay=0"
await "[ \"\$(sentinel get-master-addr-by-name mymaster | tail -n 1)\" != $primary ]" 20
await "[ \"\$(metric bearerd_redis_up)\" = 1 ]" 20

it "the next call is made with the next token, whoever makes it"
for name in one two three; do
  before=$(state rotations)
  await "kill -s USR1 $(pid_of $name); [ \"\$(state rotations)\" -gt $before ]" 30
done
assert_eq "0 1" "$(state reuses) $(state alive)" "reuses, families alive"
