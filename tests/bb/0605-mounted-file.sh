#!/bin/bash
# SPDX-License-Identifier: MIT
# A token-file that is mounted by itself, as containers have it: it cannot be
# replaced, so it is written over.
. "$(dirname "$0")/lib.sh"

source=$BB_DIR/source file=$BB_DIR/dir/token
mkdir "$BB_DIR/dir"
echo "of an earlier time, and longer than any token of the stand-in" >"$source"
: >"$file"
cat >"$BB_DIR/mounted" <<S
#!/bin/sh
mount --bind '$source' '$file' && exec "\$@"
S
chmod +x "$BB_DIR/mounted"
if ! unshare -m true 2>/dev/null; then
  it "a file that is mounted by itself is written over"
  skip "no mounts may be made here"
  finish
fi

holds() { # shellcheck disable=SC2317 # await evaluates it
  printf '%s' "$1" | cmp -s - "$source"
}

issued() {
  stub_get last_token
}

start_stub -l 600
BEARERD_WRAP="unshare -m $BB_DIR/mounted"
start_bearerd --token-file="$file" --token-file-mode=0640
master=$(pid_of bearerd)

it "a file that is mounted by itself is written over, and the log says so"
await "holds '$(token_now)'"
assert_log bearerd "notice .*token token: token-file $file is mounted by itself and cannot be replaced: it is written in place"
assert_no_match 'cannot (rename|write)' "$(cat "$BB_DIR/bearerd.log")" "log"
assert_eq 640 "$(stat -c %a "$source")" "mode"

it "each newer token is in it, and nothing is left beside it"
for size in 3000 20; do
  stub_set "mode=ok&size=$size"
  before=$(issued)
  await "kill -s USR1 $master; sleep 0.3; [ \"\$(issued)\" != '$before' ]"
  await "holds '$(issued)'"
done
assert_eq token "$(ls -A "$BB_DIR/dir")" "files in the directory"
assert_eq 1 "$(grep -c 'mounted by itself' "$BB_DIR/bearerd.log")" "said once"

it "at the stop it is emptied, as it cannot be removed"
stop bearerd
assert_eq 0 "$(stat -c %s "$source")" "bytes"

it "so it is in a root that cannot be written to"
cat >"$BB_DIR/mounted" <<S
#!/bin/sh
mount --bind '$BB_DIR/dir' '$BB_DIR/dir' &&
  mount -o remount,bind,ro '$BB_DIR/dir' &&
  mount --bind '$source' '$file' && exec "\$@"
S
start_bearerd -n readonly --token-file="$file"
await "holds '$(token_now)'"
assert_log readonly 'it is written in place'
stop readonly
assert_eq 0 "$(stat -c %s "$source")" "bytes"

finish
