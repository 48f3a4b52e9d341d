#!/bin/bash
# SPDX-License-Identifier: MIT
# A client that sends all of its body before it reads gets its answer.
# needs: python3
. "$(dirname "$0")/lib.sh"

# late EXPECTED ARGUMENT...: the answers of pressure.py's clients.
late() {
  local expected=$1
  shift
  assert_eq "$expected" "$(/usr/bin/python3 "$BB_SOURCE/pressure.py" \
    "${URL##*:}" late "$@" | xargs)" "answers of late $*"
}

start_stub -l 3600
start_bearerd --workers=1

it "an answer is not lost, whatever the body's length and coding"
while read -r status method path bytes coding; do
  late "$status=20" "$method" "$path" "$bytes" "$coding" 20
done <<'T'
200 POST /auth 100000 cl
200 POST /auth 200000 cl
200 PUT /auth/some/thing 1000000 cl
200 POST /auth 1000000 chunked
200 GET /token 1000000 cl
405 POST /token 1000000 cl
404 POST /nothing 1000000 chunked
200 POST /auth 8000000 cl
T

it "neither is one that refuses the request"
late 501=20 "$(printf 'X%.0s' {1..300})" /token 1000000 cl 20
late 400=20 POST '/to ken' 1000000 cl 20

it "a slow small body costs no answer either"
late 200=1 POST /auth 500 cl 1 100 100
late 200=1 POST /auth 500 chunked 1 100 100

it "what is thrown away is counted"
assert_between 1000000 1000000000 "$(metric bearerd_discarded_bytes_total)" bytes

it "a body that is there keeps the connection, up to 100 KB"
for bytes in 1 1000 100000; do
  head -c $bytes /dev/zero >"$BB_DIR/part"
  http "$URL/auth" --data-binary "@$BB_DIR/part" -H 'Expect:'
  assert_eq 200 "$STATUS" status
done
while read -r bytes; do
  assert_eq 2 "$(/usr/bin/python3 - "${URL##*:}" "$bytes" <<'P'
import socket
import sys
n = int(sys.argv[2])
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
s.sendall(b"POST /auth HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % n +
          b"x" * n + b"GET /auth HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
          b"\r\n")
data = b""
while piece := s.recv(65536):
    data += piece
print(data.count(b"HTTP/1.1 200 OK"))
P
  )" "answers to a body of $bytes bytes and a request behind it"
done <<'T'
1
1000
10000
T

it "one that sends without an end is closed after drain-timeout"
start_bearerd -n short --workers=1 --drain-timeout=1s
/usr/bin/python3 "$BB_SOURCE/pressure.py" "${URL##*:}" upload 2 20 \
  >"$BB_DIR/endless" &
upload=$!
await '[ "$(metric "bearerd_connections{state=\"closing\"}")" = 2 ]'
await '[ "$(metric "bearerd_connections{state=\"closing\"}")" = 0 ]' 8
kill $upload
wait $upload 2>/dev/null

it "callers are served beside ten of them, and a stop does not wait"
start_bearerd -n busy --workers=1 --drain-timeout=3s
/usr/bin/python3 "$BB_SOURCE/pressure.py" "${URL##*:}" upload 10 30 \
  >"$BB_DIR/ten" &
upload=$!
await '[ "$(metric bearerd_discarded_bytes_total)" -gt 1000000 ]'
for _ in {1..20}; do
  expect_status 200 "$URL/token"
done
stop busy TERM 8
kill $upload 2>/dev/null
wait $upload 2>/dev/null

finish
