#!/bin/bash
# SPDX-License-Identifier: MIT
# bearerctl: every command, whom it is refused to, and what the socket endures.
# needs: python3 util-linux bsdutils bash
. "$(dirname "$0")/lib.sh"

BEARERCTL=$BUILD/bearerctl
CTL=() # the command with what says where the daemon is
TOKEN='stub-[0-9]+-[0-9a-f]{16}'

# ctl [COMMAND...]: sets OUT, ERR and EXIT.
ctl() {
  "${CTL[@]}" "$@" >"$BB_DIR/out" 2>"$BB_DIR/err" </dev/null
  EXIT=$?
  OUT=$(cat "$BB_DIR/out") ERR=$(cat "$BB_DIR/err")
}

# expect STATUS OUT-REGEX ERR-REGEX COMMAND...
expect() {
  local status=$1 out=$2 err=$3
  shift 3
  ctl "$@"
  assert_eq "$status" "$EXIT" "exit status of $*"
  assert_match "^($out)\$" "$OUT" "output of $*"
  assert_match "^($err)\$" "$ERR" "errors of $*"
}

# as_nobody COMMAND...: as a user who is none of ours.
as_nobody() { # shellcheck disable=SC2317 # it is called through CTL
  setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# say_raw PYTHON-BYTES...: send each on a connection of its own and print what
# comes back; the last one is to be answered.
say_raw() {
  python3 - "$SOCKET" "$@" <<'P'
import ast, socket, sys
for text in sys.argv[2:]:
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(15)
    s.connect(sys.argv[1])
    answer = b""
    try:
        s.sendall(ast.literal_eval(f"b'{text}'"))
        while part := s.recv(65536):
            answer += part
    except (BrokenPipeError, ConnectionResetError):
        pass
    print(answer.decode(errors="replace"), end="")
P
}

sockets_of() {
  find "/proc/$1/fd" -lname 'socket:*' -printf x | wc -c
}

write_conf() {
  printf '%s\n' "base-url = \"$STUB_URL\"" "api-key = \"$STUB_KEY\"" \
    "control-socket = \"$SOCKET\"" "shm-name = \"$SHM\"" "$@" \
    >"$BB_DIR/bearerd.conf"
}

chmod 755 "$BB_DIR"
SOCKET=$BB_DIR/control.sock
SHM=/bearerd-test-ctl-$$
SHM_NAMES+=("$SHM")
CTL=("$BEARERCTL" "--config=$BB_DIR/bearerd.conf")
start_redis --loglevel notice
start_stub -l 600
write_conf 'token one { }' 'token two { }'
start_bearerd --config="$BB_DIR/bearerd.conf" --shm-name="$SHM"
master=$(pid_of bearerd)

it "status shows tokens, states, life, last result, processes and Redis"
expect 0 '.*' '' status
assert_match 'Redis up' "$OUT"
assert_match $'\none +FRESH +1 +[0-9]+s +[0-9]+s +obtained\n' "$OUT"
assert_match $'\ntwo +FRESH ' "$OUT"
assert_match "master +pid $master" "$OUT"
assert_match 'refresher +pid [0-9]+' "$OUT"
assert_match 'worker +pid [0-9]+' "$OUT"

it "status --json is JSON, the same as /status.json, and has no secret"
expect 0 '\{.*\}' '' status --json
assert_eq 0 "$(python3 -m json.tool <<<"$OUT" >/dev/null; echo $?)" "json.tool"
assert_eq '"one" "two"' "$(grep -o '"name":"[^"]*"' <<<"$OUT" | cut -d : -f 2 |
  paste -s -d ' ')" "names"
http "$ADMIN/status.json"
times='s/"([a-z_]*_in)":[0-9]*/"\1":N/g'
assert_eq "$(sed -E "$times" <<<"$BODY")" "$(sed -E "$times" <<<"$OUT")" "status"
assert_no_match "$STUB_KEY|$TOKEN" "$OUT" "status --json"
assert_no_match "$STUB_KEY|$TOKEN" "$("${CTL[@]}" status)" "status"

it "get prints exactly the token, by default that of /token"
expect 0 "$TOKEN" '' get
assert_eq "$(token_now)" "$OUT" "token"
assert_eq "$((${#OUT} + 1))" "$(wc -c <"$BB_DIR/out")" "bytes"
http "$URL/tokens/two"
expect 0 "$TOKEN" '' get two
assert_eq "$(json token)" "$OUT" "token two"
expect 1 '' "bearerctl: there is no token 'three'.*" get three

it "renew leads to a new token, of one name or all, and tells its generation"
one=$(token_now) two=$("${CTL[@]}" get two)
expect 0 'token one: obtained, generation 2' '' renew one
assert_ne "$one" "$(token_now)" "token one"
assert_eq "$two" "$("${CTL[@]}" get two)" "token two"
one=$(token_now)
expect 0 $'token one: obtained, generation 3\ntoken two: obtained, generation 2' \
  '' renew
assert_ne "$one" "$(token_now)" "token one"
assert_ne "$two" "$("${CTL[@]}" get two)" "token two"

it "renew fails clearly: no such token, no name, a backend that refuses"
expect 1 '' "there is no token 'nosuch'; \"status\" shows those that there are" \
  renew nosuch
expect 1 '' 'what follows "renew" is not the name of a token.*' renew '../x'
stub_set 'status=503'
expect 1 '' 'token one: not renewed: refused \(status 503\)' renew one
stub_set 'mode=ok'
await "[ \"\$(curl -s $ADMIN/status.json | grep -c '\"failures\":0.*\"failures\":0')\" = 1 ]"
expect 0 'token one: obtained.*' '' renew one

it "check says that all is well"
expect 0 '2 tokens usable, [0-9]+ of [0-9]+ workers serving' '' check

it "reload reloads, and says so when it is done"
write_conf 'token one { }' 'token two { }' 'token three { }'
expect 0 'the configuration was reloaded' '' reload
await "[ \"\$('$BEARERCTL' -c '$BB_DIR/bearerd.conf' get three)\" != '' ]"
expect 0 'token three: obtained, generation 2' '' renew three

it "reload prints what is wrong with a configuration, which stays as it was"
write_conf 'token one { }' 'toekn two { }'
expect 1 '' "$BB_DIR/bearerd.conf:6: unknown option 'toekn'.*" -t 30 reload
expect 0 "$TOKEN" '' get three
write_conf 'token one { }' 'workers = many'
expect 1 '' "$BB_DIR/bearerd.conf:6: workers: 'many' must be .*" -t 30 reload
expect 0 '3 tokens usable.*' '' check

write_conf 'token {'
expect 0 'bearerd .*' '' status
sed -i '1i token {' "$BB_DIR/bearerd.conf"
expect 2 '' "bearerctl: $BB_DIR/bearerd.conf:1: .*" status

it "where the daemon is can be said by file, environment and flags"
expect 2 '' "bearerctl: $BB_DIR/none.conf: No such file or directory" \
  -c "$BB_DIR/none.conf" status
CTL=("$BEARERCTL" -c /dev/null)
expect 2 '' 'bearerctl: no control-socket is configured: set it in /dev/null.*' \
  status
expect 0 '3 tokens.*' '' check --control-socket="$SOCKET"
BEARERD_CONTROL_SOCKET=$SOCKET expect 0 '3 tokens.*' '' check
expect 0 "$TOKEN" '' get --shm-name "$SHM"
BEARERD_SHM_NAME=$SHM expect 0 "$TOKEN" '' get
BEARERD_SHM_NAME=x expect 2 '' 'bearerctl: BEARERD_SHM_NAME: .x. must .*' get
expect 2 '' "bearerctl: shared memory /dev/shm$SHM-no: there is none; .*" \
  get --shm-name="$SHM-no"
write_conf 'token one { }' 'token two { }' 'token three { }'
CTL=("$BEARERCTL" "--config=$BB_DIR/bearerd.conf")

it "wrong usage gets status 2 and one line that says what would be right"
expect 2 '' 'bearerctl: which command\? status, check, get, renew or reload;.*'
expect 2 '' "bearerctl: unknown command 'stats'; there are .*" stats
expect 2 '' "bearerctl: renew: 'b' is too much: one name .*" renew a b
expect 2 '' "bearerctl: reload: 'now' is too much: nothing .*" reload now
expect 2 '' 'bearerctl: --json is for status only;.*' get --json
expect 2 '' 'bearerctl: unknown flag --colour;.*' --colour=x status
expect 2 '' 'bearerctl: unknown flag -x;.*' -x status
expect 2 '' 'bearerctl: --timeout needs a value;.*' status --timeout
expect 2 '' 'bearerctl: --json takes no value;.*' status --json=x
expect 2 '' "bearerctl: --timeout: 'soon' must be seconds, .*" -t soon status
expect 2 '' "bearerctl: --timeout: '0' must be seconds, .*" -t 0 status
expect 0 'bearerctl \(bearerd\) [0-9.]+' '' -V
expect 0 'usage: bearerctl .*' '' --help

it "another user is refused get, renew and the rest, and told why"
need_root
chmod 644 "$BB_DIR/bearerd.conf"
calls=$(stub_calls)
CTL=(as_nobody "${CTL[@]}")
expect 2 '' "bearerctl: shared memory /dev/shm$SHM: permission denied; .* root and the user .*" get
expect 2 '' "bearerctl: control socket $SOCKET: permission denied; .*" renew
expect 2 '' "bearerctl: control socket .*: permission denied; .*" reload
expect 2 "bearerctl: control socket .*: permission denied; .*" '' check
CTL=("${CTL[@]:1}")

it "also one who gets at the socket is refused, and not listened to"
need_root
chmod 666 "$SOCKET"
CTL=(as_nobody "${CTL[@]}")
expect 1 '' 'this user may not use the control socket: .*' renew
expect 1 'this user may not use the control socket: .*' '' check
CTL=("${CTL[@]:1}")
chmod 600 "$SOCKET"
assert_eq "$calls" "$(stub_calls)" "backend calls"

it "garbage, long lines and half lines do no harm"
expected=$'no 82\nunknown command; there are: status, status json, check, renew, renew NAME, reload\n'
head -c 100000 /dev/urandom | tr -d '\n' >"$BB_DIR/noise"
assert_eq "${expected%?}" "$(say_raw 'bogus\n')" "answer to bogus"
assert_match 'a line has at most 128 bytes' \
  "$(say_raw "$(printf 'x%.0s' {1..5000})")" "answer to a long line"
assert_match '^no ' "$(say_raw '\x00\n')" "answer to a NUL"
assert_match '^ok ' "$(say_raw 'check\nreload\nrubbish')" "one line is read"
timeout 10 python3 - "$SOCKET" "$BB_DIR/noise" <<'P'
import socket, sys
for i in range(40):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    try:
        s.sendall(open(sys.argv[2], "rb").read()[i * 100:])
    except OSError:
        pass
    s.close()
P
assert_eq 0 $? "noise"
from=$(now_ms)
assert_eq '' "$(say_raw 'stat')" "answer to half a line"
[ $(($(now_ms) - from)) -ge 1500 ] || fail "half a line was given no time"
assert_within 8 "$from" "half a line"
expect 0 '3 tokens.*' '' check

it "only the master has the socket"
need_root
inode=$(awk -v p="$SOCKET" '$8 == p && $6 == "01" { print $7 }' /proc/net/unix)
has_it() {
  find "/proc/$1/fd" -lname "socket:\[$inode\]" -printf x | wc -c
}
assert_eq 1 "$(has_it "$master")" "master"
for pid in $(children_of "$master"); do
  assert_eq 0 "$(has_it "$pid")" "process $pid"
done

it "500 silent connections keep nobody out, and callers do not notice"
need_root
own=$(sockets_of "$master")
spawn silent python3 -c '
import socket, sys, time
all = []
while len(all) < 500:
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    all.append(s)
print("open", flush=True)
time.sleep(60)' "$SOCKET"
await "grep -q open '$BB_DIR/silent.log'" 20
expect 0 '3 tokens.*' '' check
expect 0 'token one: obtained.*' '' renew one
expect_status 200 "$URL/token"
assert_between $((own + 1)) $((own + 9)) "$(sockets_of "$master")" "sockets"
stop silent

it "a waiting caller that goes away is forgotten"
stub_set 'delay=5000'
await "[ \$(sockets_of $master) = $own ]" # those of before are gone
"${CTL[@]}" renew one >"$BB_DIR/out" 2>&1 &
waiting=$!
await "[ \"\$(stub_calls)\" -gt 0 ] && curl -s $ADMIN/status.json | grep -q RENEWING"
kill -s KILL $waiting
wait $waiting 2>/dev/null
await "[ \$(sockets_of $master) = $own ]"
assert_match RENEWING "$("${CTL[@]}" status)" "token one"
expect 0 '3 tokens.*' '' check

it "a renewal that takes longer than the caller waits goes on"
expect 2 '' 'bearerctl: no result within 0.2 s; bearerd goes on, .*' -t 0.2 renew two
stub_set 'mode=ok&delay=0'
await "! curl -s $ADMIN/status.json | grep -q RENEWING" 15

it "bash completes commands, options and the names of tokens"
complete_words() {
  bash -c '. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _bearerctl "$1" "${*: -1}" ""; echo "${COMPREPLY[*]}"' _ \
    "$BB_SOURCE/../../completion/bearerctl.bash" "$@"
}
assert_eq "status check get renew reload" "$(complete_words bearerctl '')"
assert_eq "renew reload" "$(complete_words bearerctl re)"
assert_eq "--control-socket" "$(complete_words bearerctl --con | tr ' ' '\n' |
  grep control)"
assert_eq "one two three" "$(complete_words "$BEARERCTL" \
  --config = "$BB_DIR/bearerd.conf" get '')" "names"
assert_eq "two three" "$(complete_words "$BEARERCTL" -c \
  "$BB_DIR/bearerd.conf" renew t)" "names"
assert_eq "" "$(complete_words "$BEARERCTL" -c /dev/null get '')" "no names"

it "a second daemon with the same socket does not start, and says why"
start_bearerd -x -n second --control-socket="$SOCKET"
await "! is_running $(pid_of second)"
assert_log second "control-socket: listen unix:$SOCKET: .*another process listens"
expect 0 '3 tokens.*' '' check

it "a hung master is reported within the deadline"
kill -s STOP "$master"
from=$(now_ms)
expect 2 "bearerctl: bearerd \(process $master\) did not answer within 1 s.*" '' \
  -t 1 check
expect 2 '' "bearerctl: bearerd .* did not answer within 1 s.*" -t 1 renew
[ $(($(now_ms) - from)) -ge 2000 ] || fail "it gave up too early"
assert_within 8 "$from" "that"
kill -s CONT "$master"
ctl -t 60 check
assert_eq 0 "$EXIT" "exit status after it goes on"

it "the socket of a killed daemon is replaced at the next start"
kill -s KILL "$master"
await "! is_running $master"
assert_eq yes "$([ -S "$SOCKET" ] && echo yes)" "the file is still there"
expect 2 'bearerctl: control socket .*: nobody listens there: .*' '' check
expect 0 "$TOKEN" '' get
start_bearerd -n next --config="$BB_DIR/bearerd.conf" --shm-name="$SHM"
expect 0 '3 tokens.*' '' check

it "a stopped daemon has no socket, and is told of with status 2"
stop next
assert_eq no "$([ -e "$SOCKET" ] && echo yes || echo no)" "the file is there"
expect 2 'bearerctl: control socket .*: there is no such socket; .*' '' check
expect 2 '' 'bearerctl: control socket .*: there is no such socket; .*' status

it "no token to be had: check gives the reason, get says that there is none"
stub_set 'status=401'
rm -f "/dev/shm$SHM"
redis FLUSHALL >/dev/null
write_conf 'token one { }'
start_bearerd -l -n without --config="$BB_DIR/bearerd.conf" --shm-name="$SHM"
await "grep -q 'refuses our credentials' '$BB_DIR/without.log'"
expect 1 'token one is EMPTY, last attempt: credentials \(status 401\)' '' check
expect 1 '' 'bearerctl: token one: there is none at the moment' get
stop without

it "what is listened to by another program is no bearerd"
spawn other python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
while True:
    c, _ = s.accept()
    c.recv(100)
    c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    c.close()' "$SOCKET"
await "[ -S '$SOCKET' ]"
expect 2 '' 'bearerctl: control socket .*: another program listens there.*' status
stop other

it "root gets the token of another user's daemon; what others make is not trusted"
need_root || finish
stub_set 'mode=ok'
BEARERD_WRAP="setpriv --reuid=65534 --regid=65534 --clear-groups $BEARERD_WRAP" \
  start_bearerd -n other-user --shm-name="$SHM-2"
SHM_NAMES+=("$SHM-2")
CTL=("$BEARERCTL" -c /dev/null --shm-name="$SHM-2")
expect 0 "$TOKEN" '' get
assert_eq "$(token_now)" "$OUT" "token"
stop other-user
chmod 644 "/dev/shm$SHM-2"
expect 2 '' "bearerctl: shared memory /dev/shm$SHM-2 is open to other users" get
head -c 100000 /dev/zero >"/dev/shm$SHM-2"
chmod 600 "/dev/shm$SHM-2"
expect 2 '' "bearerctl: shared memory /dev/shm$SHM-2 has another magic number" get

it "with user and control-group the socket is theirs"
rm -f "$SOCKET" "/dev/shm$SHM"
start_bearerd -n owned --control-socket="$SOCKET" --user=daemon \
  --control-group=games --shm-name="$SHM"
assert_eq "daemon games 660" "$(stat -c '%U %G %a' "$SOCKET")" "owner"
CTL=(setpriv --reuid=daemon --regid=daemon --clear-groups "$BEARERCTL"
  -c /dev/null "--control-socket=$SOCKET" "--shm-name=$SHM")
expect 0 '1 token usable.*' '' check
CTL[1]=--reuid=nobody CTL[2]=--regid=nogroup CTL[3]=--groups=games
expect 0 'token token: obtained, generation 2' '' renew
expect 2 '' "bearerctl: shared memory /dev/shm$SHM: permission denied; .*" get
CTL[3]=--clear-groups
expect 2 '' 'bearerctl: control socket .*: permission denied; .*' renew
stop owned

finish
