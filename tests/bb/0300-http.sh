#!/bin/bash
# SPDX-License-Identifier: MIT
# Requests and answers, byte by byte.
# needs: python3 prometheus
. "$(dirname "$0")/lib.sh"

# raw PORT: what the server answers to standard input, until it closes or for
# half a second says nothing.
raw() {
  /usr/bin/python3 -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
data = sys.stdin.buffer.read()
cuts = [0, *map(int, sys.argv[2:]), len(data)]
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
s.settimeout(0.5)
got = b""
try:
    for a, b in zip(cuts, cuts[1:]):
        s.sendall(data[a:b])
    while True:
        more = s.recv(65536)
        if not more:
            got += b"[closed]"
            break
        got += more
except (TimeoutError, OSError):
    pass
sys.stdout.write(got.decode("latin-1").replace("\r", ""))' "$@"
}

start_stub -l 600
start_bearerd --workers=1 --header-timeout=1s --idle-timeout=3s
port=${URL##*:} admin=${ADMIN##*:}

it "the answer of /token has the fields that it should, and HEAD no body"
expect_status 200 "$URL/token?ignored=1"
assert_eq application/json "$(header Content-Type)" "type"
assert_eq no-store "$(header Cache-Control)" "Cache-Control"
etag=$(header ETag)
assert_match '^"[0-9]+-[0-9a-f]{16}"$' "$etag" "ETag"
assert_eq Bearer "$(json token_type)" "token_type"
assert_between 560 570 "$(json expires_in)" "expires_in"
expect_status 200 "$URL/tokens/token" -I
assert_no_match '"token"' "$BODY" "answer to HEAD"

it "conditional requests"
expect_status 304 "$URL/token" -H "If-None-Match: \"x\", W/$etag"
expect_status 304 "$URL/token" -H 'If-None-Match: *'
expect_status 200 "$URL/token" -H 'If-None-Match: "x"'
expect_status 428 "$URL/token" -X DELETE
expect_status 412 "$URL/token" -X DELETE -H 'If-Match: "x"'
expect_status 202 "$URL/token" -X DELETE -H "If-Match: $etag"
await "[ \$(curl -s -o /dev/null -w '%{http_code}' -X DELETE \
  -H 'If-Match: $etag' '$URL/token') = 412 ]"
expect_status 429 "$URL/token" -X DELETE \
  -H "Authorization: Bearer $(token_now)"
assert_between 1 10 "$(header Retry-After)" "Retry-After"

it "/auth answers any method with exactly one set of fields"
for method in GET POST PUT DELETE PATCH OPTIONS BREW; do
  expect_status 200 "$URL/auth/any/thing?x" -X "$method" -H 'Expect: 100-continue' \
    -H 'Upgrade: websocket' -H 'Range: bytes=0-1' -H 'If-None-Match: *'
  assert_eq "authorization cache-control content-length date etag " \
    "$(sed -n 's/^\([A-Za-z-]*\):.*/\L\1/p' <<<"$HEADERS" | sort | tr '\n' ' ')" \
    "fields for $method"
done
expect_status 200 "$URL/tokens/token/auth/x"
expect_status 404 "$URL/tokens/nobody/auth"

it "a body that is announced and not sent is not waited for"
from=$(now_ms) # header-timeout is ten seconds
answer=$(printf 'GET /auth HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n' |
  raw "$port")
assert_match '^HTTP/1.1 200 OK.*Connection: close.*\[closed\]' "$answer" "answer"
[ $(($(now_ms) - from)) -lt 9000 ] || fail "it waited for the body"
answer=$(printf 'POST /auth HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhiGET /auth HTTP/1.1\r\nHost: localhost\r\n\r\n' |
  raw "$port")
assert_eq 2 "$(grep -c '^HTTP/1.1 200' <<<"$answer")" "answers"

# STATUS REQUEST: refused or answered; {LONG} is 70,000 letters, {N} 300 fields.
table='400 GET / HTTP/1.1\r\n\r\n
400 GET /token HTTP/1.1\nHost: localhost\n\n
400 GET /token HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n
400 GET /token HTTP/1.1\r\nHost : x\r\n\r\n
400 GET /token HTTP/1.1\r\nHost: localhost\r\n y: z\r\n\r\n
400 GET  /token HTTP/1.1\r\nHost: localhost\r\n\r\n
400 POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n
400 POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: +1\r\n\r\n
400 \x16\x03\x01\x02
501 POST /token HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n
505 GET /token HTTP/2.0\r\nHost: localhost\r\n\r\n
501 BREW /token HTTP/1.1\r\nHost: localhost\r\n\r\n
405 POST /token HTTP/1.1\r\nHost: localhost\r\n\r\n
404 GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n
404 GET /tokens/ HTTP/1.1\r\nHost: localhost\r\n\r\n
204 OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n
200 GET /token HTTP/1.0\r\n\r\n
200 GET http://localhost/token HTTP/1.1\r\nHost: localhost\r\n\r\n
414 GET /{LONG} HTTP/1.1\r\nHost: localhost\r\n\r\n
431 GET /token HTTP/1.1\r\nHost: localhost\r\nA: {LONG}\r\n\r\n
431 GET /token HTTP/1.1\r\nHost: localhost\r\n{N}\r\n'
long=$(printf '%070000d' 0)
many=$(for i in {1..300}; do printf 'F%d: x\\r\\n' "$i"; done)
while read -r code request; do
  it "$code for ${request:0:60}"
  request=${request//'{LONG}'/$long}
  request=${request//'{N}'/$many}
  answer=$(printf '%b' "$request" | raw "$port")
  assert_match "^HTTP/1.1 $code " "$answer" "answer"
  [ "$code" != 405 ] || assert_match 'Allow: GET, HEAD, DELETE' "$answer" "Allow"
done <<<"$table"

it "a hundred pipelined requests, in one piece and in two at any place"
one='GET /auth HTTP/1.1\r\nHost: localhost\r\nX: y\r\n\r\n'
all=$(for _ in {1..100}; do printf '%s' "$one"; done)
assert_eq 100 "$(printf '%b' "$all" | raw "$port" | grep -c '^HTTP/1.1 200')" "all"
for cut in {1..45}; do
  assert_eq 3 "$(printf '%b' "$one$one$one" | raw "$port" $((45 + cut)) |
    grep -c '^HTTP/1.1 200')" "cut at $cut" || break
done

it "half a head is answered 408 after header-timeout, an idle one closed"
assert_match '^HTTP/1.1 408 ' "$(exec 5<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET /token HTTP/1.1\r\nHo' >&5; timeout 5 cat <&5)" "half a head"
assert_eq "" "$(exec 5<>"/dev/tcp/127.0.0.1/$port"; timeout 8 cat <&5)" "idle"

it "administrators get no token, and valid metrics"
for path in /token /tokens/token /auth; do expect_status 404 "$ADMIN$path"; done
curl -s --noproxy '*' "$ADMIN/metrics" >"$BB_DIR/metrics"
mapfile -t families < <(sed -n 's/.*"\(bearerd_[a-z_]*\)".*/\1/p' \
  "$BB_SOURCE/../../src/shared/stats_tbl.h")
for family in "${families[@]}"; do
  assert_eq 1 "$(grep -c "^# TYPE $family " "$BB_DIR/metrics")" "$family"
done
promtool check metrics <"$BB_DIR/metrics" >"$BB_DIR/promtool" 2>&1 ||
  fail "promtool: $(cat "$BB_DIR/promtool")"
expect_status 200 "http://127.0.0.1:$admin/status.json"

it "64 tokens are ready at once and served by name"
for i in {1..64}; do echo "token t$i { redis-key = k$i }"; done >"$BB_DIR/many.conf"
start_bearerd -n many --config="$BB_DIR/many.conf"
for i in 1 33 64; do expect_status 200 "$URL/tokens/t$i"; done

finish
