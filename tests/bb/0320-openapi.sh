#!/bin/bash
# SPDX-License-Identifier: MIT
# The description of the interface: a document for programs, a page for people.
# needs: python3
. "$(dirname "$0")/lib.sh"

# member EXPRESSION: what Python makes of it, with the last body as d.
member() {
  /usr/bin/python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$BB_DIR/body" "$1" 2>&1 | tail -n 1
}

start_stub -l 600
cat >"$BB_DIR/few.conf" <<'EOF'
token orders { }
token billing { header = "X-Key: \"k\" %s" }
EOF
start_bearerd --workers=1 --config="$BB_DIR/few.conf" \
  --public-url=https://tokens.corp:8443/some/api/

it "the document is OpenAPI 3.0.1 of this version, with an entity tag"
expect_status 200 "$URL/openapi.json?any=query"
assert_eq application/json "$(header Content-Type)" "type"
assert_eq no-cache "$(header Cache-Control)" "Cache-Control"
assert_eq nosniff "$(header X-Content-Type-Options)" "sniffing"
assert_match '^"[0-9a-f]{16}"$' "$(header ETag)" "ETag"
assert_eq "$(wc -c <"$BB_DIR/body")" "$(header Content-Length)" "length"
assert_eq "3.0.1 $("$BUILD/bearerd" --version | sed 's/^[^ ]* //;1q')" \
  "$(member 'd["openapi"] + " " + d["info"]["version"]')" "versions"

it "its example of a problem is the body that is sent"
problem='d["components"]["responses"]["MethodNotAllowed"]["content"]["application/problem+json"]["example"]'
documented=$(member "$problem")
expect_status 405 "$URL/token" -X PUT
assert_eq "$documented" "$(member d)" "problem"

it "HEAD has the same fields and no body, and 304 follows from the entity tag"
for document in openapi.json docs; do
  expect_status 200 "$URL/$document"
  etag=$(header ETag) same=$(sed '/^Date/d' <<<"$HEADERS")
  expect_status 200 "$URL/$document" -I
  assert_eq "$same" "$(sed '/^Date/d' <<<"$HEADERS")" "HEAD $document"
  expect_status 304 "$URL/$document" -H "If-None-Match: \"x\", W/$etag"
  assert_eq "$etag" "$(header ETag)" "ETag of 304"
  assert_eq "" "$BODY" "body of 304"
  expect_status 200 "$URL/$document" -H 'If-None-Match: "x"'
done

it "other methods get 405 with Allow, and the admin listener has none of it"
for document in openapi.json docs; do
  for method in POST PUT DELETE PATCH; do
    expect_status 405 "$URL/$document" -X "$method"
    assert_eq "GET, HEAD, OPTIONS" "$(header Allow)" "Allow of $document"
  done
  expect_status 404 "$ADMIN/$document"
  expect_status 404 "$URL/$document/x"
done

it "the tokens of the configuration have paths, each with an id of its own"
http "$URL/openapi.json"
assert_eq "/tokens/billing,/tokens/billing/auth,/tokens/billing/auth/{rest},/tokens/orders,/tokens/orders/auth,/tokens/orders/auth/{rest}" \
  "$(member '",".join(sorted(p for p in d["paths"] if "tokens" in p))')" "paths"
assert_eq getToken "$(member 'd["paths"]["/token"]["get"]["operationId"]')" "id"
assert_eq "rejectNamedToken_orders" \
  "$(member 'd["paths"]["/tokens/orders"]["delete"]["operationId"]')" "id"
assert_eq True "$(member '(lambda ids: len(ids) == len(set(ids)))([
  o["operationId"] for p in d["paths"].values() for o in p.values()])')" "ids"

it "a header of one's own is the one that the document speaks of"
http "$URL/openapi.json"
assert_match '"k" eyJ' "$(member 'd["paths"]["/tokens/billing/auth"]["get"][
  "responses"]["200"]["headers"]["X-Key"]["example"]')" "example"

it "public-url is where the document says that the service is"
assert_eq https://tokens.corp:8443/some/api "$(member 'd["servers"][0]["url"]')" "url"

it "the page is HTML that may load nothing from elsewhere and run nothing in it"
expect_status 200 "$URL/docs"
assert_eq "text/html; charset=utf-8" "$(header Content-Type)" "type"
policy=$(header Content-Security-Policy)
assert_match "^default-src 'none';.* script-src 'self';" "$policy" "policy"
assert_no_match "unsafe-eval|script-src[^;]*unsafe|https?:" "$policy" "policy"
assert_no_match "<script>|onclick|style=|src=\"http" "$BODY" "page"
for text in "GET: Get the token as JSON" "curl https://tokens.corp:8443/some/api/token" \
  "/tokens/{name}/auth" "<code>billing</code>" "Retry-After"; do
  [[ $BODY == *"$text"* ]] || fail "the page lacks: $text"
done

it "what the page loads is below it, and a slash behind it leads to it"
expect_status 200 "$URL/docs/page.css"
assert_eq "text/css; charset=utf-8" "$(header Content-Type)" "type"
cmp "$BB_DIR/body" "$BB_SOURCE/../../src/docs/page.css" || fail "another style"
expect_status 304 "$URL/docs/page.css" -H "If-None-Match: $(header ETag)"
expect_status 308 "$URL/docs/"
assert_eq ../docs "$(header Location)" "Location"
for path in /docs/page /docs/page.css/ /docs/page.cssx /docs//docs /docsx; do
  expect_status 404 "$URL$path"
done
http "$URL/docs"
grep -o "docs/[a-z.-]*" <<<"$BODY" | sort -u >"$BB_DIR/parts"
while read -r file; do
  expect_status 200 "$URL/$file" -H 'Accept-Encoding: gzip'
done <"$BB_DIR/parts"

it "no secret, no address of a backend is in either of them"
for document in openapi.json docs; do
  http "$URL/$document"
  assert_no_match "$STUB_KEY|$STUB_URL" "$BODY" "$document"
done

it "requests for them are counted"
assert_eq True "$([ "$(metric 'bearerd_requests_total{path="/openapi.json",code="200"}')" -ge 5 ] &&
  [ "$(metric 'bearerd_requests_total{path="/docs",code="405"}')" -eq 4 ] && echo True)" "metrics"

# A document is larger than what a Unix socket takes at once, and the client is
# silent at first; then what the same connection gets on.
it "a client that reads slowly gets all of it, in order, and delays nobody"
for i in {1..64}; do echo "token t$i { }"; done >"$BB_DIR/64.conf"
start_bearerd -n 64 --workers=1 --config="$BB_DIR/64.conf" \
  --listen="unix:$BB_DIR/socket"
http http://localhost/openapi.json --unix-socket "$BB_DIR/socket"
length=$(header Content-Length) sum=$(md5sum <"$BB_DIR/body")
/usr/bin/python3 - "$BB_DIR/socket" >"$BB_DIR/slow" <<'EOF'
import hashlib, socket, sys, time
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(sys.argv[1])
    return s
def ask(path, more=""):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode()
slow, quick, got = connect(), connect(), b""
slow.sendall(ask("/openapi.json") * 20 + ask("/auth", "Connection: close\r\n"))
time.sleep(0.3)
quick.sendall(ask("/token"))
print(quick.recv(15).decode())
while more := slow.recv(65536):
    got += more
*documents, auth = got.split(b"HTTP/1.1 200 OK\r\n")[1:]
bodies = [d.split(b"\r\n\r\n", 1)[1] for d in documents]
print(len(bodies), *{hashlib.md5(b).hexdigest() for b in bodies})
print(b"Authorization: Bearer" in auth)
EOF
assert_between 300000 400000 "$length" "bytes of the document"
assert_eq "HTTP/1.1 200 OK
20 ${sum%% *}
True" "$(cat "$BB_DIR/slow")" "what the slow client got"

it "without public-url no host is named"
start_bearerd -n plain --workers=1
http "$URL/openapi.json"
assert_eq / "$(member 'd["servers"][0]["url"]')" "url"
assert_eq "['/token', '/tokens/token']" \
  "$(member 'sorted(p for p in d["paths"] if p.startswith("/token") and "auth" not in p)')" \
  "paths"
http "$URL/docs"
assert_match "curl http://localhost:${URL##*:}/token" "$BODY" "page"

it "ten thousand tokens make no document large, and cost no memory unasked"
for i in {1..10000}; do echo "token t$i { }"; done >"$BB_DIR/many.conf"
printf 'max-token-size = 256\n' >>"$BB_DIR/many.conf"
start_bearerd -n many -l --workers=1 --config="$BB_DIR/many.conf" --wait-limit=0s
rss() {
  awk '/^VmData/ { print $2 }' \
    "/proc/$(children_of "$(pid_of many)" 'worker 0')/status"
}
before=$(rss)
for document in openapi.json docs; do
  expect_status 200 "$URL/$document"
  assert_between 1000 60000 "$(wc -c <"$BB_DIR/body")" "bytes of $document"
done
assert_between 0 1000 $(($(rss) - before)) "KiB more"
http "$URL/openapi.json"
assert_eq "['/token', '/tokens/{name}']" \
  "$(member 'sorted(p for p in d["paths"] if p.startswith("/token") and "auth" not in p)')" \
  "paths"
finish
