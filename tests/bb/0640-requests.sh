#!/bin/bash
# SPDX-License-Identifier: MIT
# A token is asked for by the request that the backend wants: its method, URL,
# fields and body, with secrets that are encoded for where they stand.
# limit: 180
. "$(dirname "$0")/lib.sh"

# hex TEXT: each byte as %XX.
hex() {
  printf %s "$1" | od -An -v -tx1 | tr -d '\n' | tr ' ' %
}

# configure LINE...: the file that bearerd reads.
configure() {
  printf 'token token {\nbase-url = %s\n' "$STUB_URL" >"$BB_DIR/a.conf"
  printf '%s\n' "$@" >>"$BB_DIR/a.conf"
  printf '}\n' >>"$BB_DIR/a.conf"
}

start() {
  start_bearerd -n "$1" "${@:2}" -u BASE_URL -u API_KEY --config="$BB_DIR/a.conf" \
    --wait-limit=1s
}

# wanted WANT...: from now on the backend takes no other request.
wanted() {
  local query=mode=ok want
  for want in "$@"; do
    query+="&want_${want%%=*}=$(hex "${want#*=}")"
  done
  stub_set "$query"
}

# tested: bearerd --test with the file; sets STATUS and OUTPUT.
tested() {
  OUTPUT=$(env -i PATH="$PATH" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} \
    "$BEARERD" --test --config="$BB_DIR/a.conf" 2>&1)
  STATUS=$?
}

# expect_got NAME: with the file bearerd gets a token, as it was wanted.
expect_got() {
  start "$1" -l
  await "[ -n \"\$(token_now)\" ]" ||
    fail "not as wanted: $(stub_get unwanted)"
  assert_eq "" "$(stub_get unwanted)" "what was not as wanted"
  stop "$1"
}

# A password of 200 bytes that each language minds.
unit='"\&%+ü <'\''0'
password=$(for _ in {1..18}; do printf %s "$unit"; done)xy
printf '%s\n' "$password" >"$BB_DIR/password"
printf 's3ssion/+=\n' >"$BB_DIR/session"
chmod 600 "$BB_DIR/password" "$BB_DIR/session"
USER_LINES=("username = bob" "password-file = $BB_DIR/password")
# It takes any key.
spawn stub "$BUILD/tests/bb/stub_backend" -P "$BB_DIR/stub.port" -l 600
await "[ -s '$BB_DIR/stub.port' ]"
STUB_URL=http://127.0.0.1:$(cat "$BB_DIR/stub.port")

it "the password of these tests has 200 bytes"
assert_eq 200 "$(printf %s "$password" | wc -c)" "bytes"

it "without any of it the request is what it always was"
configure "api-key = key"
wanted "method=GET" "target=/token" "header=backend-APIKey: key" \
  "header=Accept: application/json" "header=Cache-Control: no-cache" \
  "header=Content-Type:" "header=Content-Length:" "header=Authorization:" "body="
expect_got plain

it "a JSON body has the password as a JSON string"
encoded=${password//\\/\\\\}
encoded=${encoded//\"/\\\"}
configure "${USER_LINES[@]}" "method = POST" "auth = none" \
  "request-body = '{\"user\":\"@{username}\",\"password\":\"@{password}\"}'"
wanted "method=POST" "header=Content-Type: application/json" "header=Expect:" \
  "header=backend-APIKey:" "body={\"user\":\"bob\",\"password\":\"$encoded\"}"
expect_got json

it "a form has it encoded as a form"
encoded=${password//%/%25}
encoded=${encoded//\"/%22} encoded=${encoded//\\/%5C} encoded=${encoded//&/%26}
encoded=${encoded//+/%2B} encoded=${encoded//ü/%C3%BC} encoded=${encoded// /+}
encoded=${encoded//</%3C} encoded=${encoded//\'/%27}
configure "${USER_LINES[@]}" "method = PUT" \
  "request-body = \"grant_type=x&password=@{password}\""
wanted "method=PUT" "header=Content-Type: application/x-www-form-urlencoded" \
  "body=grant_type=x&password=$encoded"
expect_got form

it "XML has it with entities, and a field says what the body is"
encoded=$(sed "s/&/\&amp;/g; s/</\&lt;/g; s/\"/\&quot;/g; s/'/\&apos;/g" \
  <<<"$password")
configure "${USER_LINES[@]}" "method = PATCH" \
  "request-header = \"Content-Type: text/xml\"" \
  "request-header = \"Accept: text/xml\"" \
  "request-body = '<login><password>@{password}</password></login>'"
wanted "method=PATCH" "header=Content-Type: text/xml" "header=Accept: text/xml" \
  "body=<login><password>$encoded</password></login>"
expect_got xml

it "text that is none of these has it as it is"
configure "${USER_LINES[@]}" "method = POST" \
  "request-header = \"Content-Type: text/plain\"" \
  "request-body = \"@{username} @{password}\""
wanted "header=Content-Type: text/plain" "body=bob $password"
expect_got text

it "basic and bearer are fields that nobody has to write"
configure "${USER_LINES[@]}" "auth = basic" "method = POST"
wanted "method=POST" "header=Authorization: Basic $(printf 'bob:%s' "$password" | base64 -w0)" \
  "header=Content-Length: 0" "header=Content-Type:"
expect_got basic
configure "auth = bearer" "api-key = k3y"
wanted "header=Authorization: Bearer k3y" "header=backend-APIKey:"
expect_got bearer

it "a query has secrets percent-encoded, fields have them as they are"
configure "auth = none" "secret-file = \"session=$BB_DIR/session\"" \
  "secret-file = \"other=$BB_DIR/password\"" \
  "path = \"/login/token?s=@{session}&p=@{other}\"" \
  "request-header = \"X-Session: @{session}\"" \
  "request-header = \"X-Basic: @{session:base64}\""
printf 'a b\n' >"$BB_DIR/password"
wanted "target=/login/token?s=s3ssion%2F%2B%3D&p=a%20b" \
  "header=X-Session: s3ssion/+=" \
  "header=X-Basic: $(printf 's3ssion/+=' | base64)"
expect_got query

it "files of secrets are read anew for each call, also in the sandbox"
configure "auth = none" "method = POST" "secret-file = \"session=$BB_DIR/session\"" \
  "request-body = \"s=@{session}\""
wanted "body=s=s3ssion%2F%2B%3D"
start bearerd --sandbox=auto
token=$(token_now)
assert_match '^stub-' "$token" "token"
printf 'n3xt\n' >"$BB_DIR/session.new"
mv "$BB_DIR/session.new" "$BB_DIR/session"
wanted "body=s=n3xt"
ask_again
await "[ \"\$(token_now)\" != '$token' ]"
assert_eq "" "$(stub_get unwanted)" "what was not as wanted"

it "a reload with another body or field gets another token, the old one is not served"
for line in 'request-body = "s=@{session}&t=1"' 'request-header = "X-A: b"' \
  'method = PUT'; do
  token=$(token_now)
  configure "auth = none" "method = POST" \
    "secret-file = \"session=$BB_DIR/session\"" "request-body = \"s=@{session}\""
  sed -i "s/^${line%% *} = .*//; s/^}/${line//&/\\&}\n}/" "$BB_DIR/a.conf"
  stub_set mode=ok
  calls=$(stub_calls)
  kill -s HUP "$(pid_of bearerd)"
  await "[ \$(stub_calls) -gt $calls ]" 15
  await "[ -n \"\$(token_now)\" ] && [ \"\$(token_now)\" != '$token' ]"
done

it "a reload that changes nothing of it asks nobody"
token=$(token_now)
calls=$(stub_calls)
echo "log-level = debug" >>"$BB_DIR/a.conf"
reloads=$(grep -c 'configuration was reloaded' "$BB_DIR/bearerd.log")
kill -s HUP "$(pid_of bearerd)"
await "[ \$(grep -c 'configuration was reloaded' '$BB_DIR/bearerd.log') -gt $reloads ]"
sleep_ms 1500
assert_eq "$token" "$(token_now)" "token"
assert_eq "$calls" "$(stub_calls)" "backend calls"
stop bearerd

it "a secret in the URL is in no log, however the backend answers"
configure "auth = none" "secret-file = \"session=$BB_DIR/session\"" \
  "path = \"/@{session}/token\""
stub_set 'status=404'
start urls -l
await "grep -q 'status 404' '$BB_DIR/urls.log'"
stop urls
stub_set 'mode=body&code=302&header=Location:%20/n3xt/token/login' -d x
start urls2 -l
await "grep -q 'status 302' '$BB_DIR/urls2.log'"
assert_no_match 'n3xt' "$(cat "$BB_DIR/urls.log" "$BB_DIR/urls2.log")" "logs"
assert_log urls 'status 404 to .*/@\{session\}/token; check base-url and path'
stop urls2

it "refused credentials name the options that hold them"
configure "auth = basic" "username = bob" "password = secret"
stub_set 'status=401'
start refused -l
await "grep -q 'check username and password' '$BB_DIR/refused.log'"
stop refused

it "--test shows the request with each secret masked"
configure "auth = basic" "username = bob" "password = s3cret" "method = POST" \
  "secret-file = \"session=$BB_DIR/session\"" "path = \"/a?s=@{session}\"" \
  "request-header = \"X-A: @{session:base64}\"" \
  "request-body = '{\"user\":\"@{username}\",\"password\":\"@{password}\"}'"
tested
assert_eq 0 "$STATUS" "status of $OUTPUT"
for line in "POST $STUB_URL/a?s=*****" "Authorization: Basic *****" "X-A: *****" \
  "Content-Type: application/json" '{"user":"bob","password":"********"}'; do
  [[ $OUTPUT == *"#   $line"* ]] || fail "no line $line: ${OUTPUT##*request for}"
done
assert_no_match 's3cret|n3xt' "$OUTPUT" "output"

it "a place for nothing is an error that names it and what there is"
configure "username = bob" "method = POST" "request-body = \"p=@{pasword}\""
tested
assert_eq 2 "$STATUS" "status"
assert_match 'a.conf:5: request-body: has a place @\{pasword\}, but there is nothing of this name; there is @\{username\}' \
  "$OUTPUT" "output"

it "a secret on the command line is refused"
OUTPUT=$("$BEARERD" --test --base-url=http://127.0.0.1:9 --password=s3cret 2>&1)
assert_eq 2 "$?" "status"
assert_match '^--password: a secret cannot be given on the command line' "$OUTPUT" "output"
assert_no_match s3cret "$OUTPUT" "output"

finish
