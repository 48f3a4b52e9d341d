#!/bin/bash
# SPDX-License-Identifier: MIT
# The log of an outage: few lines, however many attempts there are.
. "$(dirname "$0")/lib.sh"

attempts() {
  curl -sS --noproxy '*' -m 10 "$ADMIN/metrics" |
    awk '/^bearerd_renewals_total/ { n += $2 } END { print n + 0 }'
}

# said NAME: lines of the refresher.
said() {
  grep -c ' refresher: ' "$BB_DIR/$1.log"
}

start_stub -l 600

# MODE ~ what the log says at first
outages='mode=close~backend: '
while IFS='~' read -r mode says; do
  it "$mode, without a token: many attempts, few lines"
  stub_set "mode=ok&$mode"
  start_bearerd -n without -l --timeout=1s --connect-timeout=500ms
  await '[ $(attempts) -ge 7 ]' 60
  assert_log without "err .* token token: $says"
  assert_between 1 5 "$(said without)" "lines of $(attempts) attempts"

  it "and its end, with how many they were and what the last one was"
  stub_set "mode=ok"
  await '[ -n "$(token_now)" ]' 15
  assert_log without "there is a new token after ([7-9]|[1-9][0-9]+) failures in [0-9]+ s; the last: $says"
  stop without
done <<<"$outages"

it "a backend that is not there: as few"
dead=$(free_port)
start_bearerd -n away -l BASE_URL="http://127.0.0.1:$dead"
await '[ $(attempts) -ge 20 ]' 60
assert_between 1 5 "$(said away)" "lines of $(attempts) attempts"
stop away

it "with log-level = debug every attempt is there"
start_bearerd -n all -l BASE_URL="http://127.0.0.1:$dead" --log-level=debug
await '[ $(attempts) -ge 6 ]' 60
assert_between 6 99 "$(grep -c 'token token: backend: ' "$BB_DIR/all.log")" "lines"
stop all

it "a Redis that comes and goes for many reasons is told of by each, once"
port=$(free_port)
start_bearerd -n flapping REDIS_HOST=127.0.0.1 BEARERD_REDIS_PORT="$port"
for turn in 1 2 3 4 5 6; do
  start_redis -n "redis$turn" --port "$port"
  await '[ "$(metric bearerd_redis_up)" = 1 ]'
  stop "redis$turn" KILL
  await '[ "$(metric bearerd_redis_up)" = 0 ]'
done
assert_between 2 6 "$(grep -c 'Redis is unreachable' "$BB_DIR/flapping.log")" "lines"
stop flapping

finish
