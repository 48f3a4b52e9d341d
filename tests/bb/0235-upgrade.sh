#!/bin/bash
# SPDX-License-Identifier: MIT
# USR2: another program takes over, or fails to; what callers see of it.
# needs: python3
. "$(dirname "$0")/lib.sh"
. "$BB_SOURCE/lib-upgrade.sh"

write_conf() {
  printf '%s\n' 'drain-timeout = 5s' "$@" >"$BB_DIR/bearerd.conf"
}

# over_unix: the token that the Unix socket hands out.
over_unix() {
  json token "$(curl -s -m 10 --unix-socket "$BB_DIR/socket" http://localhost/token)"
}

# fails_with TEXT REGEX: an upgrade fails, the log says why, all is as before.
fails_with() {
  local failed
  failed=$(log_count 'the upgrade failed')
  kill -s USR2 "$MASTER"
  await "[ \$(log_count 'the upgrade failed') -gt $failed ]" 40
  await "grep -q '$1' '$BB_DIR/bearerd.log'" # the two may cross
  is_running "$MASTER" || fail "the old master is gone"
  assert_eq "$token" "$(token_now)" "token"
  assert_eq "$token" "$(over_unix)" "token over the Unix socket"
  await '[ -n "$(children_of "$MASTER" refresher)" ]'
}

use_copy
start_stub -l 600
write_conf 'token one { }'
port=$(free_port) extra=127.0.0.1:$(free_port)
start_bearerd --config="$BB_DIR/bearerd.conf" --log-level=debug --workers=2 \
  --pid-file="$BB_DIR/pid" --control-socket="$BB_DIR/control" \
  --listen="127.0.0.1:$port,unix:$BB_DIR/socket,$extra"
URL=http://127.0.0.1:$port
MASTER=$(pid_of bearerd)
shm=${SHM_NAMES[-1]}
token=$(token_now)
calls=$(stub_calls)

it "two upgrades under load lose nothing"
spawn keep "$BB_SOURCE/callers.py" "$port" 12 30 300 keep
spawn new "$BB_SOURCE/callers.py" "$port" 12 30 300 new
for _ in 1 2; do
  before=$MASTER
  upgrade
  assert_ne "$before" "$MASTER" "the master"
  await "! is_running $before" 12
done
await "! is_running $(pid_of keep) && ! is_running $(pid_of new)" 20
for who in keep new; do
  sed "s/^/# $who: /" "$BB_DIR/$who.log"
  for what in lost=0 refused=0 wrong=0 tokens=1; do
    assert_eq "$what" "$(grep "^${what%=*}=" "$BB_DIR/$who.log")" "$who"
  done
  assert_eq status_200 "$(grep -o '^status_[0-9]*' "$BB_DIR/$who.log")" "$who"
done

it "no refresher starts before the one before has ended"
assert_eq "started stopping started stopping started" "$(sed -n \
  's/.*refresher: \(started\|stopping\)$/\1/p' "$BB_DIR/bearerd.log" | xargs)"

it "the token stays, and the backend is not asked"
assert_eq "$token" "$(token_now)" "token"
assert_eq "$calls" "$(stub_calls)" "backend calls"

it "all sockets are there, and the files are the new master's"
assert_eq "$token" "$(over_unix)" "over the Unix socket"
expect_status 200 "http://$extra/token"
expect_status 200 "$ADMIN/readyz"
assert_eq "$MASTER" "$(cat "$BB_DIR/pid")" "pid file"

it "bearerctl talks to the new master, which renews for it"
# shellcheck disable=SC2317 # await calls it
ctl() { "$BUILD/bearerctl" --control-socket="$BB_DIR/control" "$@"; }
await "ctl check"
assert_match "one" "$(ctl status)" "status"
assert_eq 0 "$(log_count 'control-socket')" "complaints"
await "ctl renew one"
assert_ne "$token" "$(token_now)" "token"
token=$(token_now)
calls=$((calls + 1))

it "the name is still taken"
spawn second env -i ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} \
  "$BEARERD" --shm-name="$shm" --base-url="$STUB_URL" \
  --listen="127.0.0.1:$(free_port)" --admin-listen="127.0.0.1:$(free_port)"
reap "$(pid_of second)" 5
assert_log second "in use by a running bearerd"

it "what it was started with is still there: USR1 renews, with the same key"
kill -s USR1 "$MASTER"
await "[ \"\$(token_now)\" != '$token' ]"
token=$(token_now)
calls=$(stub_calls)

it "a program that is not there"
mv "$BEARERD" "$BB_DIR/program"
fails_with "$BEARERD cannot be executed: No such file"

it "programs that end at once"
put_script 'exit 1'
fails_with 'ended: exit status 1'
put_script 'exit 0'
fails_with 'ended: exit status 0'
put_script 'kill -s SEGV $$'
fails_with 'ended: signal 11'

it "a program that never gets ready is killed"
put_script 'exec sleep 100'
fails_with 'is not done in time: killed'

it "a configuration that is wrong"
put_program
write_conf 'toekn one { }'
fails_with 'toekn'
assert_log bearerd 'ended: exit status 2'

it "after all that: a reload, and an upgrade, with the token still there"
write_conf 'token one { }'
kill -s HUP "$MASTER"
await "[ \$(log_count 'the old workers are gone') -eq 1 ]" 15
before=$MASTER
upgrade
assert_eq "$token" "$(token_now)" "token"
assert_eq "$calls" "$(stub_calls)" "backend calls"

it "new workers are ready before their refresher is"
await "[ \$(children_of $MASTER refresher | wc -l) -eq 1 ]"
await "! is_running $before" 12
kill -s STOP "$(children_of "$MASTER" refresher)" # it takes a second to die
started=$(log_count 'runs as process')
kill -s USR2 "$MASTER"
await "[ \$(log_count 'runs as process') -gt $started ]"
heir=$(sed -n 's/.*runs as process //p' "$BB_DIR/bearerd.log" | tail -n 1)
adopt heir "$heir"
await "[ \$(children_of $heir worker | wc -l) -eq 2 ]"
# Idle workers are woken in the order of their birth.
for worker in $(children_of "$MASTER" worker); do
  kill -s KILL "$worker"
done
for _ in {1..10}; do
  expect_status 200 "$ADMIN/readyz"
done
await "[ \$(log_count \"$heir is the master now\") -eq 1 ]" 20

finish
