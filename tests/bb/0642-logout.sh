#!/bin/bash
# SPDX-License-Identifier: MIT
# A backend that allows two sessions at a time: each one that was replaced is
# ended, once, a while later.
# limit: 180
. "$(dirname "$0")/lib.sh"

USERS="ann bob cem dot eve"
LIFE=600 # none ends by itself

count() { json "$1" "$(get "$SERVER/counts")"; }

port=$(free_port)
SERVER=http://127.0.0.1:$port
spawn server python3 "$BB_SOURCE/sessions.py" "$port" $LIFE 2
await "grep -q ready '$BB_DIR/server.log'"
{
  cat <<EOT
base-url = $SERVER
method = POST
auth = none
token-from = header:X-Session
expiry-from = header:X-Life
header = "X-Session: %s"
logout-method = DELETE
logout-path = "/session/@{token}"
logout-after = 400ms
EOT
  for user in $USERS; do
    printf 'token %s {\n  path = /login/%s\n}\n' "$user" "$user"
  done
} >"$BB_DIR/a.conf"
start_bearerd --config="$BB_DIR/a.conf"
one=$URL

it "100 renewals go well, and each session that was replaced is ended once"
assert_eq 5 "$(count begun)" "sessions"
for i in $(seq 20); do
  before=$(count begun)
  kill -s USR1 "$(pid_of bearerd)"
  await "[ \"\$(count begun)\" -ge $((before + 5)) ] && [ \"\$(count ended)\" -ge $((5 * i)) ]"
done
assert_eq 0 "$(count refused)" "sessions refused"
assert_eq 0 "$(count wrong)" "ends of no session"
assert_eq "$(($(count begun) - 5))" "$(count ended)" "sessions ended"
assert_no_match 'notice .*not ended' "$(cat "$BB_DIR/bearerd.log")" "log"
stop bearerd

it "of two replicas the one that obtained the new session ends the old one"
# shellcheck disable=SC2119 # no options
start_redis
stop server
port=$(free_port)
SERVER=http://127.0.0.1:$port
spawn other python3 "$BB_SOURCE/sessions.py" "$port" $LIFE 2
await "grep -q ready '$BB_DIR/other.log'"
sed -i -e "s,^base-url.*,base-url = $SERVER," -e '/^token [b-e]/,$d' "$BB_DIR/a.conf"
start_bearerd -n one --config="$BB_DIR/a.conf"
one=$URL
start_bearerd -n two --config="$BB_DIR/a.conf"
await_redis ann "$(json token "$(get "$one/tokens/ann")")"
for i in 1 2 3; do
  kill -s USR1 "$(pid_of one)"
  await "[ \"\$(count ended)\" = $i ]"
  await "[ \"\$(json token \"\$(get $one/tokens/ann)\")\" = \"\$(json token \"\$(get $URL/tokens/ann)\")\" ]"
done
assert_eq "4 3 0" "$(count begun) $(count ended) $(count wrong)" "begun, ended, wrong"

it "a failure is one notice, and nothing else"
sed -i 's,^logout-path.*,logout-path = /elsewhere,' "$BB_DIR/a.conf"
kill -s HUP "$(pid_of one)"
await "[ \$(grep -c 'configuration was reloaded' '$BB_DIR/one.log') = 1 ]"
await "kill -s USR1 $(pid_of one)
  grep -q 'notice .*token ann: the replaced token is not ended: status 404' '$BB_DIR/one.log'"
expect_status 200 "$one/tokens/ann"
assert_no_match "$(json token)" "$(cat "$BB_DIR/one.log")" "log"
