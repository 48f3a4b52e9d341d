#!/bin/bash
# SPDX-License-Identifier: MIT
# Names in shared places: somebody else has them first.
. "$(dirname "$0")/lib.sh"

NAME=bearerd-names-$$
PLACE=/dev/shm/$NAME
STRANGER=65534
SHM_NAMES+=("/$NAME" "/$NAME.new")

# clear: nothing has the name.
clear_place() {
  rm -rf "$PLACE"
}

# begin NAME COMMAND...: bearerd under that name, run by COMMAND.
begin() {
  local log=$1
  shift
  spawn "$log" env -i PATH="$PATH" HOME="$BB_DIR" \
    ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} BASE_URL="$STUB_URL" \
    API_KEY="$STUB_KEY" "$@" "$BEARERD" --shm-name="/$NAME" \
    --listen="127.0.0.1:$PORT" --admin-listen="127.0.0.1:$ADMIN_PORT"
}

# refused NAME REGEX: it has ended, and has said why.
refused() {
  await "! is_running $(pid_of "$1")" 10 || stop "$1"
  assert_match "$2" "$(cat "$BB_DIR/$1.log")" "log of $1"
}

# serves NAME: it hands a token out; then it is stopped.
serves() {
  await "curl -sf -m 2 http://127.0.0.1:$PORT/token" 15
  assert_eq "regular file 600 $(id -u)" "$(stat -c '%F %a %u' "$PLACE")" \
    "what has the name"
  stop "$1"
}

# as_stranger COMMAND...
as_stranger() {
  setpriv --reuid=$STRANGER --regid=$STRANGER --clear-groups "$@"
}

# occupy KIND: as its owner, whom the caller is.
occupy_script='
case $1 in
fifo) mkfifo -m 666 "$2" ;;
directory) mkdir "$2" ;;
full) mkdir "$2" && : >"$2/x" ;;
link) ln -s /etc/passwd "$2" ;;
file) : >"$2" && chmod 666 "$2" ;;
locked) : >"$2" && chmod 666 "$2" && exec 9<"$2" && flock 9 && echo locked && exec sleep 60 ;;
esac'

start_stub -l 600
PORT=$(free_port) ADMIN_PORT=$(free_port)
chmod 755 "$BB_DIR"

it "what we left behind ourselves and is no segment is replaced"
for kind in fifo directory link file; do
  clear_place
  sh -c "$occupy_script" sh "$kind" "$PLACE"
  begin "own-$kind"
  serves "own-$kind"
done

it "a directory with something in it is refused, in words"
clear_place
sh -c "$occupy_script" sh full "$PLACE"
begin own-full
refused own-full "$PLACE is a directory of uid $(id -u) .*remove it"

it "root replaces what another user has put there, and says so"
if [ "$(id -u)" -ne 0 ]; then
  skip "needs root"
else
  for kind in fifo directory link file; do
    clear_place
    as_stranger sh -c "$occupy_script" sh "$kind" "$PLACE"
    begin "root-$kind"
    serves "root-$kind"
    assert_match "$PLACE was in the way and is removed: .* of uid $STRANGER" \
      "$(cat "$BB_DIR/root-$kind.log")" "log of root-$kind"
  done
fi

it "nor does a lock on another user's file keep root from starting"
if [ "$(id -u)" -ne 0 ]; then
  skip "needs root"
else
  clear_place
  spawn holder setpriv --reuid=$STRANGER --regid=$STRANGER --clear-groups \
    sh -c "$occupy_script" sh locked "$PLACE"
  await "grep -q locked '$BB_DIR/holder.log'"
  begin root-locked
  serves root-locked
  stop holder
fi

it "who is not root is refused, in words that name the file and its owner"
if [ "$(id -u)" -ne 0 ] || ! as_stranger test -x "$BEARERD"; then
  skip "needs root, and a program that others may run"
else
  for kind in fifo directory link file locked; do
    clear_place
    case $kind in
    locked)
      spawn root-holder sh -c "$occupy_script" sh locked "$PLACE"
      await "grep -q locked '$BB_DIR/root-holder.log'"
      ;;
    *) sh -c "$occupy_script" sh "$kind" "$PLACE" ;;
    esac
    begin "user-$kind" setpriv --reuid=$STRANGER --regid=$STRANGER \
      --clear-groups
    refused "user-$kind" "$PLACE is a .* of uid 0, not ours; .*shm-name"
  done
  stop root-holder
fi

it "a pipe under the name that an upgrade uses does not stop it"
clear_place
use_new=$BB_DIR/new.conf
printf 'base-url = "%s"\napi-key = "%s"\ntoken token { }\n' "$STUB_URL" \
  "$STUB_KEY" >"$use_new"
spawn upgraded env -i PATH="$PATH" HOME="$BB_DIR" \
    ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$BEARERD" -c "$use_new" \
  --shm-name="/$NAME" --listen="127.0.0.1:$PORT" \
  --admin-listen="127.0.0.1:$ADMIN_PORT"
await "curl -sf -m 2 http://127.0.0.1:$PORT/token" 15
if [ "$(id -u)" -eq 0 ]; then
  as_stranger mkfifo -m 666 "$PLACE.new"
else
  mkfifo "$PLACE.new"
fi
echo 'token another { }' >>"$use_new"
kill -s USR2 "$(pid_of upgraded)"
await "grep -q 'is the master now' '$BB_DIR/upgraded.log'" 30
heir=$(sed -n 's/.*process \([0-9]*\) is the master now.*/\1/p' \
  "$BB_DIR/upgraded.log" | tail -n 1)
adopt heir "${heir:-0}"
await "curl -sf -m 2 http://127.0.0.1:$PORT/tokens/another" 15
await "! [ -e '$PLACE.new' ]"
stop heir
clear_place

finish
