#!/bin/bash
# SPDX-License-Identifier: MIT
# examples/demo/run shows what it says, notices when something is wrong, and
# leaves nothing behind.
# needs: nginx-light python3
. "$(dirname "$0")/lib.sh"

# demo TREE NAME: run it; its output in NAME.out, sets STATUS.
demo() {
  timeout $((60 * BB_SLOW)) "$1/examples/demo/run" "$BUILD" \
    >"$BB_DIR/$2.out" 2>&1 </dev/null
  STATUS=$?
}

# folder NAME: where that run had its files.
folder() {
  sed -n 's|.*own: \(.*\)/redis.sock$|\1|p' "$BB_DIR/$1.out"
}

# leftovers NAME: files and processes of that run.
leftovers() {
  local file cmdline
  ls -d "$(folder "$1")" 2>/dev/null
  for file in /proc/[0-9]*/cmdline; do
    cmdline=$(tr '\0' ' ' 2>/dev/null <"$file")
    [[ $cmdline != *"$(folder "$1")/"* ]] || echo "$cmdline"
  done
}

tree=$BB_SOURCE/../..

it "every step of the demonstration goes as it says"
demo "$tree" whole
assert_eq 0 "$STATUS" "exit status"
assert_eq 0 "$(grep -c 'NOT SO' "$BB_DIR/whole.out")" "things that are not so"
assert_eq 7 "$(grep -c -E '^[1-7]\. ' "$BB_DIR/whole.out")" "steps"
assert_between 20 99 "$(grep -c '^    ok: ' "$BB_DIR/whole.out")" "things that are"

it "it shows no token whole"
assert_eq 0 "$(grep -c -E 'demo[0-9]+-[0-9a-f]{7}' "$BB_DIR/whole.out")" "lines"

it "it ends all that it has started"
assert_match '^/.' "$(folder whole)" "folder"
assert_eq "" "$(leftovers whole)" "leftovers"

it "it fails when the gateway does not report refused tokens"
mkdir -p "$BB_DIR/tree/examples"
cp -r "$tree/script" "$BB_DIR/tree/"
cp -r "$tree/examples/demo" "$BB_DIR/tree/examples/"
sed -i 's/error_page 401 = @rejected/#&/' "$BB_DIR/tree/examples/demo/nginx.conf"
demo "$BB_DIR/tree" silent
assert_eq 1 "$STATUS" "exit status"
assert_match 'NOT SO: alice has not noticed' "$(cat "$BB_DIR/silent.out")" "output"
assert_eq "" "$(leftovers silent)" "leftovers"

it "ended from outside it leaves nothing either"
sed -i 's/#\(error_page 401 = @rejected\)/\1/; s/auth_delay .*;/auth_delay 60s;/' \
  "$BB_DIR/tree/examples/demo/nginx.conf"
spawn cut timeout 90 "$BB_DIR/tree/examples/demo/run" "$BUILD"
await "grep -q '^6\. ' '$BB_DIR/cut.log'" 20
cp "$BB_DIR/cut.log" "$BB_DIR/cut.out"
assert_ne "" "$(leftovers cut)" "what runs now"
stop cut
assert_ne 0 "$EXIT_STATUS" "exit status"
assert_eq "" "$(leftovers cut)" "leftovers"

finish
