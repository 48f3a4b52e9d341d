#!/bin/bash
# SPDX-License-Identifier: MIT
# Further values of an answer go with its token: as members of /token, in the
# fields of /auth, through shared memory and Redis, and never without it.
# limit: 180
. "$(dirname "$0")/lib.sh"

port=$(free_port)
SERVER=http://127.0.0.1:$port
spawn server python3 "$BB_SOURCE/extras.py" "$port" 600
await "grep -q ready '$BB_DIR/server.log'"
openssl rand -hex 32 | sed 's/^/k1 /' >"$BB_DIR/keys"
chmod 600 "$BB_DIR/keys"

# configure LINE...: the file that bearerd reads.
configure() {
  printf 'token token {\nbase-url = %s\nmethod = POST\nauth = none\n' "$SERVER"
  printf 'token-field = /data/ticket\n'
  printf '%s\n' "$@" '}'
} >"$BB_DIR/a.conf"

start() {
  start_bearerd -n "$1" -l --config="$BB_DIR/a.conf" --wait-limit=1s "${@:2}"
}

# ends TEXT: what the log says when no token can be made of the answer.
says() {
  start refused --log-level=debug
  await "grep -q -F -- '$1' '$BB_DIR/refused.log'"
  expect_status 503 "$URL/token"
  stop refused
}

PVE=("path = /login" 'extra = "csrf=/data/csrf"' 'extra = "route=cookie:ROUTEID"'
  'extra = "host=header:X-Host"' 'header = "Cookie: A=@{token}; R=@{route}"'
  'header = "CSRFPreventionToken: @{csrf}"' 'header = "X-Gateway: bearerd"')

it "they are members of /token, and in the fields of /auth"
configure "${PVE[@]}"
start one --log-level=debug
await "[ -n \"\$(token_now)\" ]"
http "$URL/token"
assert_match '^\{"token":"PVE:1==","token_type":"Cookie","expires_in":[0-9]+,"refresh_in":[0-9]+,"csrf":"c\\"1:x","route":"\.node1","host":"https://n1\.example\.com"\}' \
  "$BODY" "answer"
http "$URL/auth"
assert_eq 'A=PVE:1==; R=.node1' "$(header Cookie)" "Cookie"
assert_eq 'c"1:x' "$(header CSRFPreventionToken)" "CSRFPreventionToken"
assert_eq bearerd "$(header X-Gateway)" "X-Gateway"

it "a report names the token by the first field"
expect_status 412 "$URL/token" -X DELETE -H 'Cookie: A=PVE:0==; R=.node0'
expect_status 202 "$URL/token" -X DELETE -H 'Cookie: A=PVE:1==; R=.node1'
await "[ \"\$(token_now)\" = 'PVE:2==' ]"
http "$URL/token"
assert_match '"csrf":"c\\"2:x","route":"\.node2"' "$BODY" "answer"
for url in "$ADMIN/metrics" "$ADMIN/status" "$ADMIN/status.json"; do
  assert_no_match 'PVE:|node[0-9]|c"|n[0-9]\.example' "$(get "$url")" "$url"
done
assert_no_match 'PVE:|node[0-9]|c"' "$(cat "$BB_DIR/one.log")" "log"

it "a reload keeps them, an upgrade of the workers too"
kill -s HUP "$(pid_of one)"
await "[ \$(grep -c 'configuration was reloaded' '$BB_DIR/one.log') = 1 ]"
http "$URL/token"
assert_match '"token":"PVE:2==".*"host":"https://n2' "$BODY" "answer"
for pid in $(children_of "$(pid_of one)" worker); do kill -s KILL "$pid"; done
await "http '$URL/token' && [[ \$BODY == *'\"route\":\".node2\"'* ]]"
stop one

# shellcheck disable=SC2119 # no options
start_redis
keys=()
for way in "" ", encrypted"; do
  [ -z "$way" ] || keys=("--redis-key-file=$BB_DIR/keys")
  it "replicas get them from Redis$way"
  redis FLUSHALL >/dev/null
  before=$(get "$SERVER/calls")
  configure "${PVE[@]}"
  start one "${keys[@]}"
  await "[ -n \"\$(token_now)\" ]"
  token=$(token_now)
  one=$URL
  await "[ -n \"\$(redis GET token)\" ]"
  start two "${keys[@]}"
  await "[ \"\$(token_now)\" = '$token' ]"
  http "$URL/token"
  assert_eq "$(get "$one/token" | grep -o '"csrf".*')" \
    "$(grep -o '"csrf".*' <<<"$BODY")" "answer of the other"
  assert_eq $((before + 1)) "$(get "$SERVER/calls")" "calls"
  if [ -n "$way" ]; then
    assert_no_match 'node|c"' "$(redis HGETALL '{token}:meta')" "meta"
  fi
  stop two

  it "one that wants others does not take it$way"
  configure "${PVE[@]:0:3}" 'header = "Cookie: A=@{token}"'
  start other "${keys[@]}"
  await "[ -n \"\$(token_now)\" ]"
  assert_ne "$token" "$(token_now)" "token"
  stop other
  stop one
done

it "values in Redis that are none are not believed"
redis FLUSHALL >/dev/null
configure "${PVE[@]}"
start one
await "[ -n \"\$(redis HGET '{token}:meta' extra)\" ]"
stop one
for value in 'a b' 'a b c d' $'a\r\nX: b c' 'a  c' "$(printf '%5000s' '' | tr ' ' x) b c" ''; do
  redis HSET '{token}:meta' extra "$value" >/dev/null
  before=$(get "$SERVER/calls")
  start two
  await "[ \"\$(get $SERVER/calls)\" -gt $before ] && [ -n \"\$(token_now)\" ]"
  http "$URL/auth"
  assert_match '^A=PVE:[0-9]+==; R=\.node[0-9]+$' "$(header Cookie)" "Cookie"
  stop two
done

it "an answer without one, or with one that no field can have, gives no token"
REDIS_ADDRESS=
configure "path = /lacking" "${PVE[@]:1}"
says 'the answer has no value for extra = "csrf=/data/csrf"'
for text in 'a%20b' 'a%0d%0aX:%20b' '%c3%bc' ''; do
  configure "path = /bad?$text" "${PVE[@]:1}"
  says 'the extra csrf in the answer '
done

it "what cannot work is an error of the configuration"
while IFS='|' read -r lines message; do
  configure 'extra = "csrf=/data/csrf"' "$(tr ';' '\n' <<<"$lines")"
  assert_match "$message" "$(env -i PATH="$PATH" \
    ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$BEARERD" --test \
    --config="$BB_DIR/a.conf" 2>&1)" "message for $lines"
done <<'EOT'
extra = "csrf=/b"|extra: is given twice for the name csrf
extra = "token=/b"|must have another name than a member of /token's answer
extra = "b"|must be NAME=PLACE
extra = "b=match:x"|must have a group
extra = "b=/~2"|must be a JSON Pointer
extra = "b=/b";extra = "c=/c";extra = "d=/d";extra = "e=/e"|extra: must not be given more than 4 times
header = "X: @{csrf}"|header: must have the token once, as %s or @\{token\}
header = "X: %s @{token}"|header: must have the token once
header = "X: %s";header = "Y: @{api-key}"|header: has a place @\{api-key\}, but here are only token, client-id, username and the extras
header = "X: %s";header = "Content-Length: 1"|must not be a field that HTTP itself needs
EOT
