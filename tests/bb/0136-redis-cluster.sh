#!/bin/bash
# SPDX-License-Identifier: MIT
# A cluster of three primaries with a replica each: a token is where its slot
# is, wherever that goes.
# needs: python3 mandoc bsdextrautils
. "$(dirname "$0")/lib.sh"

PORTS=()

# on PORT WORD...: a command at one node.
on() {
  redis-cli -p "$@"
}

# all WORD...: at every node.
all() {
  local port
  for port in "${PORTS[@]}"; do on "$port" "$@"; done
}

# owner KEY: the port of the node that has the key's slot.
owner() {
  local slot
  slot=$(on "${PORTS[5]}" CLUSTER KEYSLOT "$1")
  on "${PORTS[5]}" CLUSTER NODES | awk -v slot="$slot" '
    $3 ~ /master/ && $3 !~ /fail/ {
      for (i = 9; i <= NF; i++) {
        n = split($i, range, "-")
        if (range[1] <= slot && slot <= (n > 1 ? range[2] : range[1])) {
          split($2, address, /[:@]/)
          print address[2]
        }
      }
    }'
}

# at KEY: its value, at the node of its slot.
at() {
  on "$(owner "$1")" GET "$1"
}

# id PORT: the name of a node.
id() {
  on "$1" CLUSTER MYID
}

# Whether every node that lives thinks that the cluster is.
# shellcheck disable=SC2317 # await calls it
whole() {
  local port
  for port in "${PORTS[@]}"; do
    [ "$port" = "${dead:-}" ] ||
      on "$port" CLUSTER INFO | grep -q cluster_state:ok || return 1
  done
}

for number in 0 1 2 3 4 5; do
  PORTS+=("$(free_port)")
  mkdir -p "$BB_DIR/node-$number"
  spawn "node-$number" redis-server --port "${PORTS[number]}" \
    --cluster-port "$(free_port)" --bind 127.0.0.1 --cluster-enabled yes \
    --cluster-node-timeout 1500 --repl-diskless-sync-delay 0 --save '' --appendonly no \
    --dir "$BB_DIR/node-$number"
  await "on ${PORTS[number]} PING" || bail "redis-server does not start"
done
redis-cli --cluster create "${PORTS[@]/#/127.0.0.1:}" --cluster-replicas 1 \
  --cluster-yes >"$BB_DIR/create.log" 2>&1 ||
  bail "no cluster: $(tail -n 3 "$BB_DIR/create.log")"
await whole 20
await "[ \$(all INFO replication | grep -c master_link_status:up) -eq 3 ]" 20

rule=$(mandoc -T ascii "$BB_SOURCE/../../man/bearerd-fleet.7" | col -b |
  sed -n '/user bearerd on >PASSWORD/,/^$/p' | xargs |
  sed 's/PASSWORD/s3cret/')
for key in a b c; do
  rule="$rule ~$key ~{$key}:* &{$key}:rotated"
done
read -r -a rule <<<"${rule#user }"
assert_eq "OK" "$(all ACL SETUSER "${rule[@]}" | sort -u)" "ACL SETUSER"
start_stub -l 600
away=$(owner token)
for seed in "${PORTS[@]:0:3}"; do
  [ "$seed" = "$away" ] || break # to be told where the token is
done
cluster=(-u REDIS_HOST BEARERD_REDIS_PASSWORD=s3cret --redis-user=bearerd)

it "a token is at the node of its slot, told by a node that has it not"
start_bearerd -n one "${cluster[@]}" --redis-cluster="127.0.0.1:$seed"
one=$URL
start_bearerd -n two "${cluster[@]}" \
  --redis-cluster="127.0.0.1:$(free_port), 127.0.0.1:$seed"
two=$URL
token=$(token_now)
assert_eq "$token" "$(at token)" "token at its node"
assert_eq "$token" "$(URL=$one token_now)" "token of the other replica"
assert_eq 1 "$(stub_calls)" "backend calls"

it "a renewal is heard, whichever node one listens to"
kill -s USR1 "$(pid_of two)"
await "[ \"\$(at token)\" != '$token' ]"
token=$(at token)
await "[ \"\$(token_now)\" = '$token' ]"
await "[ \"\$(URL=$one token_now)\" = '$token' ]" 2
assert_eq 2 "$(stub_calls)" "backend calls"

it "tokens of several slots are at several nodes"
printf 'token %s { base-url = %s\n api-key = %s\n }\n' \
  a "$STUB_URL" "$STUB_KEY" b "$STUB_URL" "$STUB_KEY" \
  c "$STUB_URL" "$STUB_KEY" >"$BB_DIR/several.conf"
start_bearerd -n several -u BASE_URL -u API_KEY "${cluster[@]}" \
  --config="$BB_DIR/several.conf" --redis-cluster="127.0.0.1:$seed"
for name in a b c; do
  expect_status 200 "$URL/tokens/$name"
  await "[ \"\$(at $name)\" = '$(json token)' ]"
done
assert_eq 3 "$(for name in a b c; do owner $name; done | sort -u | wc -l)" nodes
stop several
URL=$two
calls=$(stub_calls)

it "while its slot is on its way nothing is done behind the cluster's back"
from=$(owner token)
for to in "${PORTS[@]:0:3}"; do [ "$to" = "$from" ] || break; done
slot=$(on "$from" CLUSTER KEYSLOT token)
to_id=$(id "$to")
on "$to" CLUSTER SETSLOT "$slot" IMPORTING "$(id "$from")" >/dev/null
on "$from" CLUSTER SETSLOT "$slot" MIGRATING "$to_id" >/dev/null
on "$from" MIGRATE 127.0.0.1 "$to" "" 0 5000 KEYS token '{token}:meta' \
  '{token}:generation' >/dev/null
kill -s USR1 "$(pid_of one)"
await "on $from INFO errorstats | grep -q errorstat_ASK"
await "on $to INFO errorstats | grep -q errorstat_TRYAGAIN"
made=$(stub_calls) # before it has given up, which it says
grep -q 'look-up of token: TRYAGAIN' "$BB_DIR/one.log" ||
  assert_eq "$calls" "$made" "backend calls"

it "when it has arrived the other node is asked from then on"
for port in "${PORTS[@]:0:3}"; do
  on "$port" CLUSTER SETSLOT "$slot" NODE "$to_id" >/dev/null
done
await "[ \"\$(owner token)\" = $to ]"
await "[ \$(stub_calls) -eq $((calls + 1)) ]"
await "[ \"\$(at token)\" = \"\$(URL=$one token_now)\" ]"
assert_ne "$token" "$(at token)" "token"
await "[ \"\$(at token)\" = \"\$(token_now)\" ]"
token=$(at token)

it "its node dies under load: no caller notices, and its replica has the token"
"$BB_SOURCE/callers.py" "${one##*:}" 8 10 400 >"$BB_DIR/callers" &
callers=$!
dead=$(owner token)
for number in 0 1 2 3 4 5; do
  [ "${PORTS[number]}" != "$dead" ] ||
    kill -s KILL "$(pid_of "node-$number")"
done
await "whole && owner token | grep -v -x $dead" 30
on "$(owner token)" DEL token >/dev/null
on "$(owner token)" CLIENT KILL TYPE normal SKIPME yes >/dev/null
await "[ \"\$(at token)\" = '$token' ]" 5
wait $callers
assert_eq "lost=0 refused=0 wrong=0" \
  "$(grep -E '^(lost|refused|wrong)=' "$BB_DIR/callers" | xargs)" "callers"
assert_eq status_200 "$(grep -o '^status_[0-9]*' "$BB_DIR/callers")" "statuses"
assert_eq $((calls + 1)) "$(stub_calls)" "backend calls"

it "and both replicas renew there"
kill -s USR1 "$(pid_of two)"
await "[ \"\$(at token)\" != '$token' ]"
token=$(at token)
await "[ \"\$(URL=$one token_now)\" = '$token' ]" 10
await "[ \"\$(token_now)\" = '$token' ]" 10
assert_eq $((calls + 2)) "$(stub_calls)" "backend calls"

it "nothing was tried that the manual page's ACL line does not allow"
for port in "${PORTS[@]}"; do
  [ "$port" = "$dead" ] || assert_eq "" "$(on "$port" ACL LOG)" "ACL LOG"
done

finish
