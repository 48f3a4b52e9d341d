#!/bin/bash
# SPDX-License-Identifier: MIT
# The token in a file: what is in it, when it changes, and when it is gone.
# needs: python3
. "$(dirname "$0")/lib.sh"

dir=$BB_DIR/files file=$BB_DIR/files/token
mkdir "$dir"

# write_conf LINE...: the file that the instance reads.
write_conf() {
  printf '%s\n' "base-url = \"$STUB_URL\"" "api-key = \"$STUB_KEY\"" "$@" \
    >"$BB_DIR/bearerd.conf"
}

# holds TEXT [FILE]: the file has just this content.
holds() { # shellcheck disable=SC2317 # await evaluates it
  printf '%s' "$1" | cmp -s - "${2:-$file}"
}

issued() {
  stub_get last_token
}

start_stub -l 600
write_conf "token-file = \"$file\"" 'token-file-template = "Bearer %s"' \
  'token-file-mode = 0640'
echo "of an earlier time" >"$file"
start_bearerd --config="$BB_DIR/bearerd.conf" --log-level=debug
master=$(pid_of bearerd)

it "the file has the token in its template, and the mode"
await "holds 'Bearer $(token_now)'"
assert_eq 640 "$(stat -c %a "$file")" mode
assert_eq token "$(ls -A "$dir")" "files in the directory"

it "a reader in a loop never sees half a file, nor none, while tokens change"
cat >"$BB_DIR/reader.py" <<'P'
import re, sys
path, whole = sys.argv[1], re.compile(rb"Bearer stub-\d+-[0-9a-f]{16}x*\Z")
print("reading", flush=True)
reads = bad = 0
seen = set()
while len(seen) < 9:
    try:
        with open(path, "rb") as f:
            text = f.read()
    except FileNotFoundError:
        text = b""
    reads += 1
    bad += whole.match(text) is None
    seen.add(text)
print("reads", reads, "bad", bad, flush=True)
P
stub_set 'size=9000'
spawn reader /usr/bin/python3 "$BB_DIR/reader.py" "$file"
await "grep -q reading '$BB_DIR/reader.log'"
for _ in {1..8}; do
  before=$(issued)
  await "kill -s USR1 $master; sleep 0.2; [ \"\$(issued)\" != '$before' ]"
  await "holds \"Bearer \$(issued)\""
done
await "! is_running $(pid_of reader)"
assert_match 'reads [0-9]{2,} bad 0' "$(cat "$BB_DIR/reader.log")" "reader"
stub_set 'size=0'

it "a refresher that is killed leaves the file, and the next one writes it"
kill -s KILL "$(children_of "$master" refresher)"
sleep 0.1
assert_match '^Bearer stub-' "$(cat "$file")" "content"
rm "$file"
kill -s KILL "$(children_of "$master" refresher)"
await "holds 'Bearer $(token_now)'" 20

it "a reload changes the template and the place; the old file is gone"
write_conf "token-file = \"$file-2\"" 'token-file-template = "<%s>\n"'
kill -s HUP "$master"
await "holds '<$(token_now)>
' '$file-2'"
assert_eq token-2 "$(ls -A "$dir")" "files in the directory"
assert_eq 600 "$(stat -c %a "$file-2")" mode

it "a directory that is not there is an error in the log, and callers are served"
write_conf "token-file = \"$dir/none/token\""
kill -s HUP "$master"
await "grep -q 'cannot create it: No such file' '$BB_DIR/bearerd.log'"
assert_log bearerd "token-file '?\"?$dir/none|token-file: '$dir/none'.*once that"
sleep 2
assert_eq 1 "$(grep -c 'cannot create it' "$BB_DIR/bearerd.log")" "errors"
expect_status 200 "$URL/auth"
assert_eq "" "$(ls -A "$dir")" "files in the directory"

it "once the directory is there, the file follows"
mkdir "$dir/none"
await "holds '$(token_now)' '$dir/none/token'" 15
assert_log bearerd '(is written again|another one now: starting anew)'

it "a reload keeps a file that stays where it is readable all the time"
spawn watcher bash -c "while [ -s '$dir/none/token' ]; do :; done"
for _ in 1 2 3; do
  old=$(grep -c 'workers are gone' "$BB_DIR/bearerd.log")
  kill -s HUP "$master"
  await "[ \$(grep -c 'workers are gone' '$BB_DIR/bearerd.log') -gt $old ]"
done
is_running "$(pid_of watcher)" || fail "the file was missing or empty"
stop watcher

it "--test warns of a directory that is not there"
# shellcheck disable=SC2086 # the wrapping command has arguments
env -i PATH="$PATH" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} $BEARERD_WRAP "$BEARERD" -t -c "$BB_DIR/bearerd.conf" \
  --token-file=/no/where/token >"$BB_DIR/test.out" 2>&1
assert_eq 0 $? "exit status"
assert_match "token-file: '/no/where': No such file" "$(cat "$BB_DIR/test.out")"

it "a stop removes the file"
stop bearerd
assert_eq "" "$(ls -A "$dir/none")" "files in the directory"

it "the master's death removes the file with the last refresher"
start_bearerd -n orphaned --token-file="$file"
await "[ -s '$file' ]"
refresher=$(children_of "$(pid_of orphaned)" refresher)
kill -s KILL "$(pid_of orphaned)"
await "! is_running $refresher"
[ ! -e "$file" ] || fail "the file is there: $(cat "$file")"
reap "$(pid_of orphaned)" 5

it "a token that is not renewed is gone from its file before it is dead"
stub_set 'mode=ok&life=15'
start_bearerd -n short --token-file="$file"
await "[ -s '$file' ]"
stub_set 'status=500'
expires=$(metric 'bearerd_token_expiry_timestamp_seconds{token="token"}')
await "[ ! -e '$file' ]" 20
assert_between 0 "${expires%.*}000" "$(now_ms)" "the time"
expect_status 503 "$URL/auth"

it "the next token brings it back"
stub_set 'mode=ok&life=600'
await "[ -s '$file' ]" 20
stop short

it "a refresher that has dropped its rights writes for a group"
if [ "$(id -u)" -ne 0 ]; then
  skip "only root can become another user"
else
  mkdir "$BB_DIR/shared" && chown nobody "$BB_DIR/shared"
  chmod 711 "$BB_DIR" "$BB_DIR/shared"
  start_bearerd -n dropped --user=nobody --token-file="$BB_DIR/shared/token" \
    --token-file-mode=0440 --token-file-group=daemon
  await "[ -s '$BB_DIR/shared/token' ]" ||
    tail -3 "$BB_DIR/dropped.log" | sed 's/^/# /'
  assert_eq "nobody daemon 440" \
    "$(stat -c '%U %G %a' "$BB_DIR/shared/token")" "owner, group, mode"
fi

finish
