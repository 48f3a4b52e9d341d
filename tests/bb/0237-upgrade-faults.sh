#!/bin/bash
# SPDX-License-Identifier: MIT
# Upgrades that fail late, or meet with something else.
# needs: python3 util-linux
. "$(dirname "$0")/lib.sh"
. "$BB_SOURCE/lib-upgrade.sh"

write_conf() {
  printf '%s\n' 'drain-timeout = 3s' "base-url = \"$STUB_URL\"" \
    "api-key = \"$STUB_KEY\"" "$@" >"$BB_DIR/bearerd.conf"
}

# start: with all options in the file, so that they can change.
start() {
  ADMIN=http://127.0.0.1:$(free_port) SHM=/bearerd-test-$$-$1
  SHM_NAMES+=("$SHM")
  addresses="admin-listen = \"${ADMIN#http://}\""
  write_conf "$addresses" "listen = \"${URL#http://}, unix:$BB_DIR/first\"" "${@:2}"
  : >"$BB_DIR/bearerd.log"
  spawn bearerd env -i PATH="$PATH" ${NOTIFY+NOTIFY_SOCKET="$NOTIFY"} \
    ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$BEARERD" \
    --config="$BB_DIR/bearerd.conf" --shm-name="$SHM" --log-level=debug
  await "grep -q 'serving health' '$BB_DIR/bearerd.log'" 15
  MASTER=$(pid_of bearerd)
  token=$(token_now)
}

# half HOW: half_upgrade.py in the place of the program.
half() {
  echo "$1" >"$BEARERD.do"
  cp "$BB_SOURCE/half_upgrade.py" "$BB_DIR/bin/next"
  mv "$BB_DIR/bin/next" "$BEARERD"
}

# fails: an upgrade fails, and the old program has its refresher back.
fails() {
  local failed
  failed=$(log_count 'the upgrade failed')
  kill -s USR2 "$MASTER"
  await "[ \$(log_count 'the upgrade failed') -gt $failed ]" 40
  await '[ -n "$(children_of "$MASTER" refresher)" ]' 15
  assert_eq "$token" "$(token_now)" "token"
}

use_copy
echo "$STUB_KEY" >"$BB_DIR/key"
start_redis --requirepass first
start_stub -l 600
URL=http://127.0.0.1:$(free_port)

it "a program that dies once it may start a refresher"
start 1 "redis-host = 127.0.0.1" "redis-port = $REDIS_PORT" \
  "redis-password = first"
half die
fails
await "grep -q 'ended: exit status 7' '$BB_DIR/bearerd.log'"

it "one that hangs there is killed"
half hang
fails
assert_log bearerd 'is not done in time: killed'

it "one whose refresher outlives it: that one is killed first"
half orphan
fails
! is_running "$(sed -n 's/^half_upgrade: orphan //p' "$BB_DIR/bearerd.log")" ||
  fail "there are two refreshers"

it "one whose refresher names another process to be killed: it is not"
spawn victim sleep 100
half "impostor $(pid_of victim)"
fails
is_running "$(pid_of victim)" || fail "the process that was named is gone"
stop victim

it "one whose configuration Redis refuses"
put_program
write_conf "$addresses" "listen = \"${URL#http://}, unix:$BB_DIR/first\"" \
  "redis-host = 127.0.0.1" "redis-port = $REDIS_PORT" "redis-password = other"
fails
await "grep -q 'ended: exit status 3' '$BB_DIR/bearerd.log'"
[ -S "$BB_DIR/first" ] || fail "the Unix socket's file is gone"

it "a second USR2 meanwhile is ignored, and TERM ends both"
half hang
kill -s USR2 "$MASTER"
await "[ \$(log_count 'may go') -eq 5 ]"
kill -s USR2 "$MASTER"
await "grep -q 'USR2 is ignored' '$BB_DIR/bearerd.log'"
stop bearerd
assert_eq 0 "$EXIT_STATUS" "exit status"

it "the old master is killed before it has handed over: the new one gives up"
put_program
start 2
refresher=$(children_of "$MASTER" refresher)
kill -s STOP "$refresher" # it does not end at once
kill -s USR2 "$MASTER"
await "[ \$(log_count 'runs as process') -eq 1 ]"
kill -s STOP "$MASTER"
await "[ -n \"\$(children_of \"\$(sed -n 's/.*runs as process //p' \
  '$BB_DIR/bearerd.log')\" worker)\" ]"
kill -s KILL "$MASTER"
kill -s CONT "$refresher"
reap "$MASTER" 8
assert_log bearerd 'the old master died before it had handed over'

it "other tokens, other addresses: what is still there is taken over"
start_notify() {
  NOTIFY=$BB_DIR/notify
  spawn notify python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True: print(s.recv(4096).decode().replace("\n", " "), flush=True)
' "$NOTIFY"
  await "[ -S '$NOTIFY' ]"
}
start_notify
start 3 "token one { }"
was=$URL
other=http://127.0.0.1:$(free_port)
write_conf "$addresses" "listen = \"${URL#http://}, unix:$BB_DIR/socket\"" \
  "token two { }" "token one { }"
before=$MASTER
exec 5<>"/dev/tcp/127.0.0.1/${URL##*:}" # a caller of the old workers
printf 'HEAD /tokens/one HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5
await "read -r -t 1 line <&5 && [[ \$line == $'\r' ]]"
upgrade
calls=$(stub_calls)
kill -s USR1 "$MASTER"
await "[ \$(stub_calls) -ge $((calls + 2)) ]"
await "[ \"\$(json token \"\$(curl -s -m 5 '$URL/tokens/one')\")\" != $token ]"
token=$(json token "$(curl -s -m 5 "$URL/tokens/one")")
printf 'GET /tokens/one HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5
assert_match "\"$token\"" "$(timeout 5 cat <&5)" "answer of an old worker"
exec 5>&-
await "! is_running $before" 12
assert_log bearerd 'is for other tokens: a new one is made'
expect_status 200 "$URL/tokens/two"
[ ! -e "/dev/shm$SHM.new" ] || fail "the provisional name is left behind"
http "$URL/tokens/one"
assert_eq "$token" "$(json token)" "token one"

it "an address that is gone is closed, and its file removed"
write_conf "$addresses" "listen = \"${other#http://}\"" \
  "token two { }" "token one { }"
before=$MASTER
upgrade
await "! is_running $before" 12
http "$was/tokens/one"
assert_eq 000 "$STATUS" "at the old address"
expect_status 200 "$other/tokens/one"
[ ! -e "$BB_DIR/socket" ] || fail "the Unix socket's file is left behind"

it "systemd hears READY once, and each new master's number from the old one"
assert_eq 1 "$(grep -c READY=1 "$BB_DIR/notify.log")" "READY=1"
assert_eq 3 "$(grep -c MAINPID= "$BB_DIR/notify.log")" "MAINPID="
assert_log notify "MAINPID=$MASTER"
assert_eq 0 "$(grep -c STOPPING "$BB_DIR/notify.log")" "STOPPING=1"

it "a reload that moves to another address, and one to an address in use"
kill -s HUP "$MASTER"
await "[ \$(log_count 'was reloaded') -eq 1 ]"
write_conf "$addresses" "listen = \"127.0.0.1:$STUB_PORT\"" \
  "token two { }" "token one { }"
await "[ \$(log_count 'old workers are gone') -eq 1 ]"
kill -s HUP "$MASTER"
await "grep -q 'was not reloaded: listen .*in use' '$BB_DIR/bearerd.log'"
expect_status 200 "$other/tokens/one"
write_conf "$addresses" "listen = \"${was#http://}\"" \
  "token two { }" "token one { }"
kill -s HUP "$MASTER"
await "[ \$(log_count 'old workers are gone') -eq 2 ]"
expect_status 200 "$was/tokens/one"
http "$other/tokens/one"
assert_eq 000 "$STATUS" "at the old address"

it "sockets of systemd stay"
: >"$BB_DIR/bearerd.log"
was=http://127.0.0.1:$(free_port)
spawn bearerd env -i PATH="$PATH" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} \
  python3 -c '
import os, socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
' "${was##*:}" "$BEARERD" --shm-name="$SHM-systemd" --base-url="$STUB_URL" \
  --api-key-file="$BB_DIR/key" --admin-listen="127.0.0.1:$(free_port)"
SHM_NAMES+=("$SHM-systemd")
await "grep -q 'serving health' '$BB_DIR/bearerd.log'" 15
MASTER=$(pid_of bearerd)
for _ in 1 2; do
  before=$MASTER
  upgrade
  await "! is_running $before" 12
  expect_status 200 "$was/token"
done

it "process 1 refuses"
if ! unshare --pid --fork true 2>/dev/null; then
  skip "no namespace can be made here"
else
  : >"$BB_DIR/one.log"
  spawn one unshare --pid --fork --kill-child "$BEARERD" \
    --shm-name="$SHM-one" --base-url="$STUB_URL" \
    --listen="127.0.0.1:$(free_port)" --admin-listen="127.0.0.1:$(free_port)"
  SHM_NAMES+=("$SHM-one")
  await "grep -q 'serving health' '$BB_DIR/one.log'"
  kill -s USR2 "$(children_of "$(pid_of one)")"
  await "grep -q 'USR2 is refused: this is process 1' '$BB_DIR/one.log'"
  kill -s TERM "$(children_of "$(pid_of one)")"
  reap "$(pid_of one)" 20
fi

finish
