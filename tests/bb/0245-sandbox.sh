#!/bin/bash
# SPDX-License-Identifier: MIT
# Calls that processes can no longer make once they serve.  Callers do not
# notice when one of them tries.
# needs: python3
. "$(dirname "$0")/lib.sh"
. "$BB_SOURCE/lib-upgrade.sh"

need_root_for_all "processes are shut in" # to look into them, and to force them
if [ -n "$BEARERD_WRAP" ] || ldd "$BEARERD" | grep -q -E 'lib[at]san'; then
  it "processes are shut in"
  skip "what wraps the program, or is built into it, makes calls of its own"
  exit 0
fi
for program in force_call deny_calls; do
  gcc -O1 -iquote "$BUILD" -o "$BB_DIR/$program" "$BB_SOURCE/$program.c" -lseccomp ||
    bail "$program does not compile"
done

# field PID NAME: a line of its status.
field() {
  sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

# restarts ROLE: how many have been replaced.
restarts() {
  metric "bearerd_process_restarts_total{role=\"$1\"}"
}

# force PID CALL: it makes that call, and is killed for it; the log says so.
force() {
  "$BB_DIR/force_call" "$1" "$2" 2>"$BB_DIR/force" ||
    fail "$2: $(cat "$BB_DIR/force")"
  await "! is_running $1" || return
  await "grep -q '$1 died: signal 31 (Bad system call)' '$BB_DIR/bearerd.log'" ||
    return
  await "grep -q 'its sandbox forbids .* pid=$1\$' '$BB_DIR/bearerd.log'"
}

# is_bare PID: it has no capability, cannot get any, and calls are filtered.
is_bare() {
  local set
  for set in CapInh CapPrm CapEff CapBnd CapAmb; do
    assert_eq 0000000000000000 "$(field "$1" "$set")" "$set of $1"
  done
  assert_eq 1 "$(field "$1" NoNewPrivs)" "NoNewPrivs of $1"
  assert_eq 2 "$(field "$1" Seccomp)" "Seccomp of $1"
}

start_stub -l 600
chmod 755 "$BB_DIR"

it "worker and refresher have no rights, and cannot be looked into"
start_bearerd --workers=2 --user=nobody --sandbox=required
master=$(pid_of bearerd)
for pid in $(children_of "$master"); do
  is_bare "$pid"
  assert_eq nobody "$(stat -c %U "/proc/$pid")" "user of $pid"
  assert_eq root "$(stat -c %U "/proc/$pid/mem")" "whose the memory of $pid is"
  assert_eq "$(($(field "$master" Seccomp_filters) + 1))" \
    "$(field "$pid" Seccomp_filters)" "filters of $pid"
done
assert_eq 3 "$(children_of "$master" | wc -l)" "processes"
assert_eq 1 "$(field "$master" NoNewPrivs)" "NoNewPrivs of the master"
assert_eq 2 "$(field "$master" Seccomp)" "Seccomp of the master"
assert_log bearerd 'sandbox: system calls are limited, files are limited'
stop bearerd

it "nor have those of a master that has remained root"
start_bearerd --workers=2
master=$(pid_of bearerd)
for pid in $(children_of "$master"); do
  is_bare "$pid"
  assert_eq root "$(stat -c %U "/proc/$pid")" "user of $pid"
done

it "a worker that opens, connects, starts or traces is killed and replaced"
spawn callers "$BB_SOURCE/callers.py" "${URL##*:}" 6 20 200 new
count=0
for call in openat open connect socket execve fork vfork clone ptrace mprotect \
  kill process_vm_readv; do
  force "$(children_of "$master" 'worker 0')" "$call"
  count=$((count + 1))
  await "[ \"\$(restarts worker)\" = $count ]" &&
    await '[ -n "$(children_of "$master" "worker 0")" ]'
done
assert_eq 12 "$count" "workers killed"

it "so is a refresher that starts or traces something; its tokens stay"
token=$(token_now)
calls=$(stub_calls)
count=0
for call in execve fork vfork ptrace kill process_vm_readv setuid mount; do
  force "$(children_of "$master" refresher)" "$call"
  count=$((count + 1))
  await "[ \"\$(restarts refresher)\" = $count ]" &&
    await '[ -n "$(children_of "$master" refresher)" ]'
done
assert_eq "$token" "$(token_now)" "token"
assert_eq "$calls" "$(stub_calls)" "backend calls"

it "callers have noticed nothing but connections that died with their worker"
await "! is_running $(pid_of callers)" 20
sed 's/^/# /' "$BB_DIR/callers.log"
assert_eq wrong=0 "$(grep '^wrong=' "$BB_DIR/callers.log")" "callers"
assert_eq refused=0 "$(grep '^refused=' "$BB_DIR/callers.log")" "callers"
assert_eq status_200 "$(grep -o '^status_[0-9]*' "$BB_DIR/callers.log")" "callers"

it "a master that traces something is killed, and all others end"
"$BB_DIR/force_call" "$master" ptrace || fail "it cannot be forced"
await "! is_running $master"
await '[ -z "$(session_of "$master")" ]' 8
reap "$master" 5
assert_eq 159 "$EXIT_STATUS" "status: 128 and SIGSYS"

it "a worker whose first line of the log is about too many callers tells so and lives"
start_bearerd -n crowded --workers=1 --log-level=warning --max-connections=20
worker=$(children_of "$(pid_of crowded)" worker)
python3 - "${URL##*:}" <<'EOF' >"$BB_DIR/crowd" 2>&1 &
import socket, sys, time
crowd = []
for _ in range(200):
    caller = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    caller.send(b"GET /token HTTP/1.1\r\n")
    crowd.append(caller)
    time.sleep(0.02)
EOF
await "grep -q 'not accepting for the moment' '$BB_DIR/crowded.log'"
wait $!
assert_eq "$worker" "$(children_of "$(pid_of crowded)" worker)" "worker"
expect_status 200 "$URL/token"
stop crowded

it "where something is lacking, auto says so and serves, required does not start"
BEARERD_WRAP="$BB_DIR/deny_calls landlock_create_ruleset --"
start_bearerd -n auto
assert_log auto 'no landlock for us \(Operation not permitted\)'
assert_log auto 'system calls are limited, files are not limited'
assert_eq 2 "$(field "$(children_of "$(pid_of auto)" 'worker 0')" Seccomp)" "Seccomp"
expect_status 200 "$URL/token"
stop auto
start_bearerd -n required -x --sandbox=required
reap "$(pid_of required)" 5
assert_eq 1 "$EXIT_STATUS" "status"
assert_log required 'sandbox = required, but this system has no landlock for us: Operation not permitted'
BEARERD_WRAP="$BB_DIR/deny_calls seccomp --"
start_bearerd -n none
assert_log none 'no seccomp for us \(Operation not permitted\)'
assert_log none 'system calls are not limited, files are limited'
expect_status 200 "$URL/token"
BEARERD_WRAP=
stop none

it "a container whose profile lacks a call is not taken for a predecessor"
BEARERD_WRAP="$BB_DIR/deny_calls -l getpgid --"
start_bearerd -n strict --sandbox=required
assert_eq $(($(field $$ Seccomp_filters) + 2)) \
  "$(field "$(pid_of strict)" Seccomp_filters)" "filters of the master"
BEARERD_WRAP=
stop strict

it "off is off, and a reload turns it on for what it starts"
echo 'sandbox = off' >"$BB_DIR/bearerd.conf"
start_bearerd -n turned --config="$BB_DIR/bearerd.conf"
master=$(pid_of turned)
was=$(field $$ Seccomp)
for pid in "$master" $(children_of "$master"); do
  assert_eq "$was" "$(field "$pid" Seccomp)" "Seccomp of $pid"
done
echo 'sandbox = required' >"$BB_DIR/bearerd.conf"
kill -s HUP "$master"
await '[ "$(field "$(children_of "$master" refresher)" Seccomp)" = 2 ]'
await '[ "$(children_of "$master" | wc -l)" = "$(children_of "$master" "worker|refresher" | wc -l)" ]'
for pid in $(children_of "$master"); do
  await "! is_running $pid || [ \"\$(field $pid Seccomp)\" = 2 ]"
done
expect_status 200 "$URL/token"
stop turned

it "a key is read where a link leads now, though that was out of reach"
mkdir -p "$BB_DIR/new" "$BB_DIR/old"
echo wrong >"$BB_DIR/old/key" && echo "$STUB_KEY" >"$BB_DIR/new/key"
ln -s "$BB_DIR/old" "$BB_DIR/current"
start_bearerd -n linked -l -u API_KEY --api-key-file="$BB_DIR/current/key" \
  --sandbox=required --log-level=debug
await "grep -q 'refuses our credentials' '$BB_DIR/linked.log'"
ln -sfn "$BB_DIR/new" "$BB_DIR/current"
await "grep -q 'current/key is another one now' '$BB_DIR/linked.log'"
kill -s USR1 "$(pid_of linked)"
await '[ -n "$(token_now)" ]' 20
stop linked

it "programs that follow one another add no filters, and are shut in as the first"
use_copy
start_bearerd -n bearerd --sandbox=required
MASTER=$(pid_of bearerd)
filters=$(field "$MASTER" Seccomp_filters)
for _ in 1 2 3; do
  upgrade
done
assert_eq "$filters" "$(field "$MASTER" Seccomp_filters)" "filters of the master"
for pid in $(children_of "$MASTER"); do
  is_bare "$pid"
  assert_eq $((filters + 1)) "$(field "$pid" Seccomp_filters)" "filters of $pid"
done
expect_status 200 "$URL/token"
