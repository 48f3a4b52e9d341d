#!/bin/bash
# SPDX-License-Identifier: MIT
# Whom a stranger could make send a request: a browser that took a name of his
# for this host's, a page of another site, a neighbour that fetches what it is
# told.  None of them gets a token.
. "$(dirname "$0")/lib.sh"

OWN='localhost LOCALHOST localhost. localhost:1 app.localhost ip6-localhost
127.0.0.1 127.0.0.1:8000 127.8.9.10 [::1] [::1]:80 [::ffff:127.0.0.1]'
FOREIGN='evil.example evil.example:8000 localhost.evil.example evillocalhost
localhost.. xlocalhost 192.0.2.1 [2001:db8::1] 128.0.0.1 0.0.0.0 127.0.0.1.evil.example
127.0.0.1x 1.127.0.0.1 bearerd x %6cocalhost'
TOKEN_PATHS='/token /token/ /tokens/token /tokens/nobody /auth /auth/a /tokens/token/auth
/tokens/token/auth/a'

# try STATUS PORT REQUEST-LINE FIELD...: what a request with just these gets.
try() {
  local code=$1 port=$2 request=$3
  shift 3
  local field text=$request$'\r\n'
  for field; do text+=$field$'\r\n'; done
  ANSWER=$(exec 5<>"/dev/tcp/127.0.0.1/$port"
    printf '%s\r\n\r\n' "${text}Connection: close" >&5
    timeout $((10 * BB_SLOW)) cat <&5 | tr -d '\r')
  assert_match "^HTTP/1.1 $code " "$ANSWER" "answer to $request, $*"
}

start_stub -l 600
start_bearerd --workers=1 --public-url=https://tokens.example:444/x
port=${URL##*:} admin=${ADMIN##*:}

it "on loopback, loopback's own names and public-url's are answered"
for host in $OWN tokens.example TOKENS.example:1 ''; do
  try 200 "$port" "GET /token HTTP/1.1" "Host: $host"
  try 200 "$port" "GET /auth HTTP/1.1" "host:$host"
  try 200 "$admin" "GET /status HTTP/1.1" "Host: $host"
done
try 200 "$port" "GET /token HTTP/1.0"

it "foreign names are refused, in words that name the option"
for host in $FOREIGN; do
  try 403 "$port" "GET /token HTTP/1.1" "Host: $host"
  try 403 "$port" "GET /auth HTTP/1.1" "HOST: $host"
  try 403 "$admin" "GET /status HTTP/1.1" "Host: $host"
done
try 403 "$port" "GET /token HTTP/1.1" "Host: evil.example"
assert_match 'application/problem\+json.*allow-hosts' "$ANSWER" "problem"
assert_no_match '"token"' "$ANSWER" "problem"

it "on each path and by each method that is about a token; /auth has no body"
for path in $TOKEN_PATHS; do
  for method in GET HEAD DELETE OPTIONS POST BREW; do
    try 403 "$port" "$method $path HTTP/1.1" "Host: evil.example"
  done
done
try 403 "$port" "GET /auth/a HTTP/1.1" "Host: evil.example"
assert_match $'Content-Length: 0\n*$' "$ANSWER" "no body"
assert_no_match 'X-Content|Bearer' "$ANSWER" "fields"

it "and on every path of administrators"
for path in /healthz /readyz /metrics /status /status.json / /nothing; do
  try 403 "$admin" "GET $path HTTP/1.1" "Host: evil.example"
done

it "what tells no token is there for anybody"
for path in /docs /openapi.json /healthz; do
  try 200 "$port" "GET $path HTTP/1.1" "Host: evil.example"
done

it "a target in absolute form is held to the same"
try 200 "$port" "GET http://localhost/token HTTP/1.1" "Host: localhost"
try 403 "$port" "GET http://evil.example/token HTTP/1.1" "Host: localhost"
try 403 "$port" "GET http://localhost/token HTTP/1.1" "Host: evil.example"

it "the same bytes on another kind of address are judged anew"
request=$'GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n'
for _ in 1 2 3; do
  for pair in "$port 200" "$admin 403"; do
    answer=$(exec 5<>"/dev/tcp/127.0.0.1/${pair% *}"
      printf '%s\r\n' "$request" >&5; cat <&5)
    assert_match "^HTTP/1.1 ${pair#* }" "$answer" "$pair"
  done
done

it "pages of other sites get no token; users' fields on /auth mean nothing"
for site in cross-site same-site Cross-Site; do
  for path in /token /tokens/token; do
    for method in GET DELETE; do
      try 403 "$port" "$method $path HTTP/1.1" "Host: localhost" \
        "Sec-Fetch-Site: $site"
      assert_match 'Sec-Fetch-Site' "$ANSWER" "problem"
    done
  done
  try 403 "$port" "GET /token HTTP/1.1" "Host: localhost" \
    "Sec-Fetch-Site: none" "Sec-Fetch-Site: $site"
  try 200 "$port" "GET /auth HTTP/1.1" "Host: localhost" "Sec-Fetch-Site: $site"
  try 200 "$port" "GET /tokens/token/auth HTTP/1.1" "Host: localhost" \
    "Sec-Fetch-Site: $site"
done
for site in same-origin none ''; do
  try 200 "$port" "GET /token HTTP/1.1" "Host: localhost" "Sec-Fetch-Site: $site"
done

it "allow-hosts adds names, and * allows any"
start_bearerd -n named --workers=1 \
  --allow-hosts='gateway.example, 192.0.2.1, 2001:db8::1'
port=${URL##*:} admin=${ADMIN##*:}
for host in gateway.example Gateway.Example:80 192.0.2.1 '[2001:db8:0::1]:7' \
  localhost; do
  try 200 "$port" "GET /auth HTTP/1.1" "Host: $host"
  try 200 "$admin" "GET /metrics HTTP/1.1" "Host: $host"
done
for host in evil.example x.gateway.example gateway.example.evil.example; do
  try 403 "$port" "GET /auth HTTP/1.1" "Host: $host"
  try 403 "$admin" "GET /metrics HTTP/1.1" "Host: $host"
done
start_bearerd -n any --workers=1 --allow-hosts='*'
for host in $FOREIGN; do
  try 200 "${URL##*:}" "GET /token HTTP/1.1" "Host: $host"
  try 200 "${ADMIN##*:}" "GET /status HTTP/1.1" "Host: $host"
done

it "require-header is asked for on every path to a token, and nowhere else"
start_bearerd -n required --workers=1 --require-header='X-Caller: the gateway, 7'
port=${URL##*:} admin=${ADMIN##*:}
for path in /token /tokens/token /auth /auth/a /tokens/token/auth; do
  try 403 "$port" "GET $path HTTP/1.1" "Host: localhost"
  for value in x 'the gateway' 'the gateway, 78' 'The gateway, 7' ''; do
    try 403 "$port" "GET $path HTTP/1.1" "Host: localhost" "X-Caller: $value"
  done
  try 403 "$port" "GET $path HTTP/1.1" "Host: localhost" "X-Calle: the gateway, 7"
  try 200 "$port" "GET $path HTTP/1.1" "Host: localhost" "x-caller:the gateway, 7 "
  try 200 "$port" "GET $path HTTP/1.1" "X-CALLER: the gateway, 7" "Host: localhost"
  try 200 "$port" "GET $path HTTP/1.1" "Host: localhost" "X-Caller: x" \
    "X-Caller: the gateway, 7"
done
try 403 "$port" "DELETE /token HTTP/1.1" "Host: localhost" 'If-Match: "x"'
try 412 "$port" "DELETE /token HTTP/1.1" "Host: localhost" 'If-Match: "x"' \
  "X-Caller: the gateway, 7"
try 403 "$port" "GET /token HTTP/1.1" "Host: localhost"
assert_match 'require-header' "$ANSWER" "problem"
assert_no_match 'the gateway' "$ANSWER" "problem"
for path in /healthz /docs; do
  try 200 "$port" "GET $path HTTP/1.1" "Host: localhost"
done
for path in /healthz /metrics; do
  try 200 "$admin" "GET $path HTTP/1.1" "Host: localhost"
done

it "refusals are counted by their status"
assert_between 5 1000 \
  "$(metric 'bearerd_requests_total{path="/token",code="403"}')" "403"

it "other addresses take any name, and a Unix socket too"
wide=$(free_port)
start_bearerd -n wide --workers=1 --listen="*:$wide, unix:$BB_DIR/sock" \
  --allow-unauthenticated=yes
try 200 "$wide" "GET /token HTTP/1.1" "Host: any.example"
try 403 "$wide" "GET /token HTTP/1.1" "Host: any.example" "Sec-Fetch-Site: cross-site"
expect_status 200 http://any.example/token --unix-socket "$BB_DIR/sock"
wide=$(free_port)
start_bearerd -n wide-named --workers=1 --allow-unauthenticated=yes \
  --listen="*:$wide, unix:$BB_DIR/sock2" --allow-hosts=a.example
for host in a.example localhost 192.0.2.9 '[2001:db8::9]:80'; do
  try 200 "$wide" "GET /token HTTP/1.1" "Host: $host"
done
try 403 "$wide" "GET /token HTTP/1.1" "Host: any.example"
expect_status 200 http://any.example/token --unix-socket "$BB_DIR/sock2"

it "a reload changes what open connections may"
printf 'base-url = "%s"\napi-key = k\n' "$STUB_URL" >"$BB_DIR/reload.conf"
start_bearerd -n reloaded -l --workers=1 --config="$BB_DIR/reload.conf"
try 403 "${URL##*:}" "GET /auth HTTP/1.1" "Host: a.example"
echo 'allow-hosts = "a.example"' >>"$BB_DIR/reload.conf"
kill -HUP "$(pid_of reloaded)"
await "curl -s -o /dev/null -w '%{http_code}' -H 'Host: a.example' '$URL/auth' |
  grep -q -E '200|503'"

it "what the options may not be is said"
for wrong in 'allow-hosts=a:80' 'allow-hosts=/a' 'allow-hosts=a b, http://c' \
  'allow-hosts=[1.2.3.4]' 'allow-hosts=*.a' 'require-header=x' \
  'require-header=x:' 'require-header=: x' 'require-header=a b: x' \
  'require-header=Host: x' 'require-header=x: a '; do
  text=$("$BEARERD" -t --base-url=http://127.0.0.1:1 "--$wrong" 2>&1)
  assert_eq 2 $? "status of $wrong"
  assert_match "^--${wrong%%=*}: .*must" "$text" "message"
done
text=$("$BEARERD" -t --base-url=http://127.0.0.1:1 \
  --allow-hosts='a,[::1], ::2,*,b.example' --require-header='X-A: b: "c", d' 2>&1)
assert_match 'allow-hosts = "a, \[::1\], ::2, \*, b.example"' "$text" "allow-hosts"
assert_match 'require-header = "X-A: b: \\"c\\", d"' "$text" "require-header"

finish
