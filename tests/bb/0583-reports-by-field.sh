#!/bin/bash
# SPDX-License-Identifier: MIT
# A report names the token by its entity tag, or by the field that /auth sent,
# whatever its name and form.
. "$(dirname "$0")/lib.sh"

# expect_named CURL-OPTION...: a report names the token in service: it is
# accepted, or, within ten seconds of the one before, comes too early.
expect_named() {
  local before
  before=$(token_now)
  http "$URL/token" -X DELETE "$@"
  assert_match '^(202|429)$' "$STATUS" "status of $*"
  [ "$STATUS" != 202 ] || await "[ \"\$(token_now)\" != '$before' ]"
}

start_stub -l 600

number=0
# HEADER|TOKEN-TYPE
while IFS='|' read -r header type; do
  number=$((number + 1))
  start_bearerd -n "d$number" --workers=1 --header="$header"
  name=${header%%:*}

  it "with $header, /token says $type"
  expect_status 200 "$URL/token"
  assert_eq "$type" "$(json token_type)" "token_type"
  etag=$(header ETag)

  it "with $header, the field that /auth sent is a report"
  expect_status 200 "$URL/auth"
  assert_eq "$etag" "$(header ETag)" "ETag of /auth"
  field=$(grep -i "^$name:" <<<"$HEADERS")
  assert_eq "${header/'%s'/"$(token_now)"}" "$field" "field of /auth"
  token=$(token_now)
  expect_status 412 "$URL/token" -X DELETE -H "${field/"$token"/"${token}x"}"
  expect_status 428 "$URL/token" -X DELETE -H "X-Other: $token"
  expect_status 202 "$URL/token" -X DELETE -H "$field"
  await "[ \"\$(token_now)\" != '$token' ]"
  expect_status 412 "$URL/token" -X DELETE -H "$field"
  expect_named -H "$(curl -sS --noproxy '*' -D - "$URL/auth" | tr -d '\r' |
    grep -i "^$name:")"

  it "with $header, so are the entity tag of /auth and Authorization: Bearer"
  expect_status 200 "$URL/auth"
  etag=$(header ETag)
  expect_named -H "If-Match: $etag"
  expect_named -H "Authorization: Bearer $(token_now)"
  expect_status 412 "$URL/token" -X DELETE -H "If-Match: \"x\"" \
    -H "${header/'%s'/"$(token_now)"}"
  stop "d$number"
done <<'EOF'
Authorization: Bearer %s|Bearer
authorization: bearer %s|Bearer
Authorization: Splunk %s|Splunk
Authorization: Snowflake Token="%s"|Snowflake
Authorization: %s|Authorization
X-Auth-Token: %s|X-Auth-Token
X-Auth-Token: :%s:|X-Auth-Token
Proxy-Authorization: Bearer %s|Proxy-Authorization
Cookie: session=%s; Path=/|Cookie
EOF

it "a report's fields are one among others, in any place"
start_bearerd -n several --workers=1 --header='X-Auth-Token: :%s:'
expect_status 202 "$URL/token" -X DELETE -H "X-Auth-Token: old" \
  -H "X-Auth-Token: :old:" -H "Cookie: a=b" \
  -H "Authorization: Basic eDp5" -H "x-auth-token:   :$(token_now):  "
stop several

it "what a worker keeps of the last head is never a report of somebody else's"
start_bearerd -n kept --workers=1 --header='X-Auth-Token: %s'
for _ in 1 2 3; do
  expect_status 412 "$URL/token" -X DELETE -H "X-Auth-Token: x"
  expect_status 428 "$URL/token" -X DELETE
done
stop kept

it "numbers have no padding, whatever their digits, and a line ends the body"
start_stub -n short -l 15
start_bearerd -n short --workers=1
form='^\{"token":"[^"]+","token_type":"Bearer","expires_in":(0|[1-9][0-9]*),'
form+='"refresh_in":(0|[1-9][0-9]*)\}'$'\n''$'
declare -A seen=()
end=$(($(now_ms) + 7000))
while [ "$(now_ms)" -lt "$end" ]; do
  http "$URL/token"
  body=$(cat "$BB_DIR/body" && echo .)
  [[ ${body%.} =~ $form ]] || fail "body: ${body%.}"
  assert_eq "$(wc -c <"$BB_DIR/body")" "$(header Content-Length)" "length"
  seen[${#BASH_REMATCH[1]}${#BASH_REMATCH[2]}]=1
  sleep 0.2
done
[ "${#seen[@]}" -ge 2 ] || fail "the digits did not change: ${!seen[*]}"

it "every answer says nosniff, but those of /auth"
for path in /token /tokens/token /healthz /docs /openapi.json /nothing; do
  http "$URL$path"
  assert_eq nosniff "$(header X-Content-Type-Options)" "of $path"
done
for path in /healthz /readyz /metrics /status /status.json /nothing; do
  http "$ADMIN$path"
  assert_eq nosniff "$(header X-Content-Type-Options)" "of admin $path"
done
http "$URL/token" -H 'Host: evil.example'
assert_eq nosniff "$(header X-Content-Type-Options)" "of a refusal"
http "$URL/auth"
assert_eq "" "$(header X-Content-Type-Options)" "of /auth"

finish
