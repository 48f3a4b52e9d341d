#!/bin/bash
# SPDX-License-Identifier: MIT
# Processes that are killed or stopped: what callers see of it.
# needs: python3
. "$(dirname "$0")/lib.sh"

GENERATION='bearerd_token_generation{token="token"}'

# count NAME: of what callers.py has printed.
count() {
  sed -n "s/^$1=//p" "$BB_DIR/callers.log"
}

# pid_titled REGEX: the one child with this title.
pid_titled() {
  children_of "$(pid_of bearerd)" "$1"
}

start_redis --loglevel notice
start_stub -l 20
start_bearerd --workers=2 --log-level=debug

it "workers and refresher killed every 200 ms: no wrong answer"
spawn callers "$BB_SOURCE/callers.py" "${URL##*:}" 600 50 1500 new
kills=0
while [ $kills -lt 80 ]; do
  next=$(($(now_ms) + 200))
  worker=$(pid_titled 'worker [01]' | shuf -n 1)
  [ -z "$worker" ] || { kill -s KILL "$worker" && kills=$((kills + 1)); }
  refresher=$(pid_titled refresher)
  [ -z "$refresher" ] || kill -s KILL "$refresher"
  while [ "$(now_ms)" -lt $next ]; do sleep 0.02; done
done
kill -s TERM "$(pid_of callers)"
await "! is_running $(pid_of callers)" 20
assert_eq 0 "$(count wrong)" "wrong answers"
assert_eq status_200 "$(grep -o '^status_[0-9]*' "$BB_DIR/callers.log")" \
  "statuses"

it "connections that wait to be accepted are not lost with a worker"
assert_eq 0 "$(count refused)" "refused connections"
# The requests that a worker has when it is killed: a request now and then, more
# of the 50 on a machine that is busy.
assert_between 0 $((kills * 10)) "$(count lost)" "requests lost"
assert_between $((kills * 20)) 1000000 "$(count status_200)" "answers"

it "a refresher's death does not shorten the second between backend calls"
redis CONFIG SET maxmemory 1 >/dev/null # no lock that outlives its owner
sleep_ms 1100
stub_set count=reset
kill -s USR1 "$(pid_of bearerd)"
await "[ \$(stub_calls) -eq 1 ]"
refresher=$(pid_titled refresher)
kill -s KILL "$refresher"
await "[ -n \"\$(pid_titled refresher)\" ] &&
  [ \"\$(pid_titled refresher)\" != $refresher ]"
kill -s USR1 "$(pid_of bearerd)"
await "[ \$(stub_calls) -eq 2 ]"
assert_between 500 600000 "$(stub_get interval_min_ms)" "ms between two calls"
redis CONFIG SET maxmemory 0 >/dev/null

it "a refresher that is stopped is found, reaped and replaced in seconds"
refresher=$(pid_titled refresher)
kill -s STOP "$refresher"
from=$(now_ms)
await "[ -n \"\$(pid_titled refresher)\" ] &&
  [ \"\$(pid_titled refresher)\" != $refresher ]" 6
[ $(($(now_ms) - from)) -ge 2000 ] || fail "it was given up too early"
assert_log bearerd "refresher $refresher does not respond: killed"
expect_status 200 "$URL/token"

it "a worker that is stopped is replaced"
worker=$(pid_titled 'worker 0')
kill -s STOP "$worker"
await "[ -n \"\$(pid_titled 'worker 0')\" ] &&
  [ \"\$(pid_titled 'worker 0')\" != $worker ]" 6

it "metrics tell of it"
assert_between "$kills" $((kills + 20)) \
  "$(metric 'bearerd_process_restarts_total{role="worker"}')" "restarts"

it "no process outlives its master by six seconds"
exec 5<>"/dev/tcp/127.0.0.1/${URL##*:}" # an idle caller, whom a drain awaits
master=$(pid_of bearerd)
children=$(children_of "$master")
kill -s KILL "$master"
for child in $children; do
  await "! is_running $child" 6
done
exec 5>&-

it "a token's death and a refresher's do not make generations count anew"
start_bearerd -n alone -u REDIS_HOST --workers=1
token=$(token_now)
stub_set "mode=ok&life=3"
kill -s USR1 "$(pid_of alone)"
await "[ \"\$(token_now)\" != '$token' ]"
stub_set "mode=ok&status=500"
generation=$(metric "$GENERATION")
assert_between 2 100 "$generation" "generation"
await "grep -q 'generation $generation has expired' '$BB_DIR/alone.log'"
kill -s KILL "$(children_of "$(pid_of alone)" refresher)"
stub_set "mode=ok&life=20"
await "[ -n \"\$(token_now)\" ]"
assert_eq $((generation + 1)) "$(metric "$GENERATION")" "generation"

finish
