#!/bin/bash
# SPDX-License-Identifier: MIT
# --try asks once for a token, tells what came of it, and of each usual mistake
# which option mends it; it shows no secret, and leaves nothing behind.
# needs: openssl python3
. "$(dirname "$0")/lib.sh"

C=$BB_DIR
export no_proxy='' NO_PROXY=''

# configure LINE...: the file that bearerd reads, of one token.
configure() {
  printf 'token token {\nbase-url = %s\n' "$BASE" >"$C/a.conf"
  printf '%s\n' "$@" >>"$C/a.conf"
  printf '}\n' >>"$C/a.conf"
}

# tried [VARIABLE=VALUE]... [FLAG]...: bearerd --try with the file; sets STATUS
# and OUTPUT.
tried() {
  local given=()
  while [[ ${1:-} == [a-zA-Z]*=* ]]; do
    given+=("$1")
    shift
  done
  # shellcheck disable=SC2086 # the wrapping command has arguments
  OUTPUT=$(env -i PATH="$PATH" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} \
    ${given[@]+"${given[@]}"} $BEARERD_WRAP "$BEARERD" --try \
    --config="$C/a.conf" "$@" 2>"$C/try.err")
  STATUS=$?
  OUTPUT+=$(cat "$C/try.err")
  printf '%s\n' "$OUTPUT" >>"$C/all"
}

# expect_words WORDS...: each is in the output as it stands.
expect_words() {
  local words
  for words in "$@"; do
    [[ $OUTPUT == *"$words"* ]] || fail "no \"$words\" in: ${OUTPUT#*The answer}"
  done
}

# expect_advice WORDS...: there was no token, and each of these is said.
expect_advice() {
  assert_eq 1 "$STATUS" "status"
  expect_words "token: no token: " "$@"
}

# answer STATUS BODY [FIELD...]: what the backend says from now on.
answer() {
  local query=mode=body field
  query+="&code=$1"
  for field in "${@:3}"; do
    query+="&header=${field// /%20}"
  done
  stub_set "$query" -d "$2"
}

# certificate NAME SIGNED-BY START END: for localhost; START and END as openssl
# has them.  By itself: an authority.
certificate() {
  local by=(-selfsign -keyfile "$C/$1.key")
  [ "$1" = "$2" ] || by=(-keyfile "$C/$2.key" -cert "$C/$2.crt")
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$C/$1.key" -out "$C/$1.csr" -subj "/CN=$1" 2>/dev/null
  : >"$C/index"
  openssl rand -hex 8 >"$C/serial"
  printf '%s\n' '[ca]' 'default_ca = d' '[d]' "database = $C/index" \
    "new_certs_dir = $C" "serial = $C/serial" "default_md = sha256" 'policy = p' '[p]' \
    'commonName = supplied' '[authority]' 'basicConstraints = CA:TRUE' \
    '[backend]' 'subjectAltName = IP:127.0.0.1' >"$C/ca.conf"
  openssl ca -batch -config "$C/ca.conf" -in "$C/$1.csr" -out "$C/$1.crt" \
    -notext -startdate "$3" -enddate "$4" "${by[@]}" \
    -extensions "$([ "$1" = "$2" ] && echo authority || echo backend)" \
    2>"$C/ca.err" || fail "openssl ca: $(tail -2 "$C/ca.err")"
}

# tls NAME: a server with this certificate; sets BASE.
tls() {
  local port
  port=$(free_port)
  spawn "tls-$1" openssl s_server -quiet -www -accept "127.0.0.1:$port" \
    -cert "$C/$1.crt" -key "$C/$1.key"
  await "(exec 3<>/dev/tcp/127.0.0.1/$port)" || bail "no s_server"
  BASE=https://127.0.0.1:$port
}

KEY=canary-key-7f3d9a
PASSWORD='canary "\&%+ü<7f'
umask 077
printf '%s\n' "$KEY" >"$C/key"
printf '%s\n' "$PASSWORD" >"$C/password"
start_stub -k "$KEY" -l 3600
BASE=$STUB_URL
BY_KEY="api-key-file = $C/key"
POSTED=("api-key-file = $C/key" "method = POST" "username = bob"
  "password-file = $C/password"
  "request-body = '{\"user\":\"@{username}\",\"password\":\"@{password}\"}'")

it "a GET that works is shown with its answer, the token's place and its life"
configure "$BY_KEY"
tried
assert_eq 0 "$STATUS" "status"
expect_words "#   GET $STUB_URL/token" "#   backend-APIKey: *****" "#   status 200" \
  "#   Content-Type: application/json" '#     "token": "*****' \
  '#     "expires_in": 3600' "life: 3600 s by expires_in" \
  "the reserve of 30s begins" "token: works"
token=$(stub_get last_token)
print=$(printf %s "$token" | sha256sum | cut -c 1-16)
expect_words "token: /token, ${#token} bytes, fingerprint $print"

it "so is a POST with a body, and a token somewhere else"
answer 201 "{\"result\":[{\"jwt\":\"\$TOKEN\"}],\"ttl\":120,\"you\":\"$KEY\"}"
configure "${POSTED[@]}" "token-field = /result/0/jwt"
tried
assert_eq 0 "$STATUS" "status"
expect_words "#   POST $STUB_URL/token" "#   Content-Type: application/json" \
  '#   {"user":"bob","password":"********"}' '"you": "********"' \
  "token: /result/0/jwt, " "life: 120 s by "

it "it was one request, and nothing is left of it"
stub_set mode=ok\&count=0
configure "$BY_KEY" 'token-file = '"$C/token"
tried --redis-host=127.0.0.1 --redis-port=1 --shm-name=/bearerd-try-$$ \
  --pid-file="$C/pid"
assert_eq 0 "$STATUS" "status"
assert_eq 1 "$(stub_calls)" "backend calls"
assert_eq "" "$(find "$C" -name token -o -name pid)" "files"
[ ! -e "/dev/shm/bearerd-try-$$" ] || fail "there is shared memory"

it "mistake 1: a wrong pointer"
stub_set mode=ok
answer 200 '{"status":"ok","data":{"accessToken":"$TOKEN","expires_in":600}}'
configure "$BY_KEY" "token-field = /data/token"
tried
expect_advice "no member /data/token" "it has accessToken" \
  "set: token-field = /data/accessToken"
configure "$BY_KEY"
tried
expect_advice "set: token-field = /data/accessToken"

it "mistake 2: a wrong method"
stub_set status=405
tried
expect_advice "status 405" "set: method = POST"
answer 404 '{}' "Allow: POST, OPTIONS"
tried
expect_advice "the backend allows: POST, OPTIONS" "set: method = POST"
answer 400 '{}' "Allow: GET"
configure "${POSTED[@]}"
tried
expect_advice "set: method = GET"

it "mistake 3: a page for people"
configure "$BY_KEY"
answer 200 '<!DOCTYPE html><title>Welcome</title>'
tried
expect_advice "a page for people (HTML)" "base-url and path: $STUB_URL/token"

it "mistake 4: a way to a login page, or to https"
answer 302 '' "Location: /sso/login?next=/token%26k=$KEY"
tried
expect_advice "status 302" "points to /sso/login" "login page for people" "auth"
answer 301 '' "Location: ${STUB_URL/http:/https:}/token"
tried
expect_advice "set: base-url = ${STUB_URL/http:/https:}"

it "mistake 5: certificates that have expired, or of another authority"
certificate old-ca old-ca 20200101000000Z 20210101000000Z
certificate ca ca 20200101000000Z 20990101000000Z
certificate old ca 20200101000000Z 20210101000000Z
certificate future ca 20980101000000Z 20990101000000Z
certificate good old-ca 20200101000000Z 20990101000000Z
tls old
configure "$BY_KEY" "ca-file = $C/ca.crt"
tried
expect_advice "certificate has expired" "or set ca-file to" "this host's clock says 20"
tls good
configure "$BY_KEY" "ca-file = $C/old-ca.crt"
tried
expect_advice "certificate has expired" "an authority in ca-file"
configure "$BY_KEY" "ca-file = $C/ca.crt"
tried
expect_advice "set: ca-file = "
BASE=${BASE/https/http}
configure "$BY_KEY"
tried
assert_eq 1 "$STATUS" "status"

it "mistake 6: a wrong secret, or none"
BASE=$STUB_URL
stub_set mode=ok
printf 'canary-other-7f3d9a\n' >"$C/other"
configure "api-key-file = $C/other"
tried
expect_advice "status 401" "check api-key and api-key-header, which is backend-APIKey"
configure
tried
expect_advice "no credentials are configured" "api-key-file"
answer 403 '{}'
configure "${POSTED[@]}"
tried
expect_advice "status 403" "check request-body and its secrets"
answer 401 '{}' 'WWW-Authenticate: Basic realm=x'
configure "$BY_KEY" "username = bob" "password-file = $C/password"
tried
expect_advice "set: auth = basic"
configure "api-key-file = $C/nothing"
tried
expect_advice "$C/nothing"

it "mistake 7: a host that no name server knows"
BASE=http://nowhere.invalid
configure "$BY_KEY"
tried
expect_advice "Could not resolve host: nowhere.invalid" "base-url" "/etc/resolv.conf"

it "mistake 8: a proxy is needed, or wants to know who asks"
closed=$(free_port)
BASE=http://127.0.0.1:$closed
configure "$BY_KEY"
tried
expect_advice "(http_proxy is not set), set: proxy = http://HOST:PORT"
port=$(free_port)
spawn proxy python3 -c '
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(407)
        self.end_headers()
    do_CONNECT = do_GET
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), H).serve_forever()' "$port"
await "(exec 3<>/dev/tcp/127.0.0.1/$port)"
for scheme in http https; do
  BASE=$scheme://backend.invalid
  configure "$BY_KEY"
  tried "${scheme}_proxy=http://127.0.0.1:$port"
  expect_advice "the proxy http://127.0.0.1:$port refuses" \
    "set: proxy-user = " "set: proxy-password-file = "
done
tried "https_proxy=http://127.0.0.1:$closed"
expect_advice "the proxy http://127.0.0.1:$closed cannot be reached" "set: proxy = none"

it "mistake 9: a clock that is an hour off"
BASE=$STUB_URL
configure "$BY_KEY"
stub_set 'mode=ok&skew=3600'
tried
assert_eq 0 "$STATUS" "status"
expect_words "s behind the backend's: have it set (NTP)"
stub_set 'mode=jwt&skew=-3600'
tried
expect_words "s ahead of the backend's"
tls future
configure "$BY_KEY" "ca-file = $C/ca.crt"
tried
expect_advice "certificate is not yet valid" "this host's clock is behind" \
  "this host's clock says 20"

it "a life that ends at a point in time is measured by the backend's clock"
BASE=$STUB_URL
configure "$BY_KEY"
answer 200 "{\"token\":\"\$TOKEN\",\"expires_at\":$(($(date +%s) + 4200))}"
stub_set 'skew=3600'
tried
assert_eq 0 "$STATUS" "status"
assert_match 'life: (59[0-9]|60[0-9]) s by expires_at' "$OUTPUT" "output"

it "a token is covered wherever the answer repeats it"
answer 200 '{"token":"sh0rt","note":"is <sh0rt>"}'
tried
assert_eq 0 "$STATUS" "status"
expect_words '"note": "is <********>"'

it "mistake 10: the token is in a field, a cookie, the whole body, in XML"
BASE=$STUB_URL
configure "$BY_KEY"
answer 201 '{"token":{"expires_at":"2099-01-01T00:00:00Z"}}' 'X-Subject-Token: $TOKEN'
tried
expect_advice 'set: token-from = "header:X-Subject-Token"'
answer 200 '{"user":"bob"}' 'Set-Cookie: session_id=$TOKEN; Path=/; HttpOnly'
tried
expect_advice 'set: token-from = "cookie:session_id"' \
  '#   Set-Cookie: session_id=********; Path=/; HttpOnly'
answer 200 '"$TOKEN"'
tried
expect_advice 'set: token-from = text'
answer 200 '<response><key>$TOKEN</key></response>'
tried
expect_advice 'set: token-from = "match:<key>([^<]+)<"'

it "with the line that it proposed it works"
configure "$BY_KEY" 'token-from = "match:<key>([^<]+)<"'
tried
assert_eq 0 "$STATUS" "status of $OUTPUT"

it "other mistakes: the path twice, TLS to a port without, no TLS to one with it"
BASE=$STUB_URL/token
configure "$BY_KEY"
stub_set status=404
tried
expect_advice "path is appended to base-url" "set: base-url = $STUB_URL"
BASE=${STUB_URL/http:/https:}
configure "$BY_KEY" "connect-timeout = 500ms"
tried
expect_advice "does not speak TLS"

it "an answer is shown as far as a screen goes, without what steers a terminal"
BASE=$STUB_URL
configure "$BY_KEY"
answer 200 "$(printf 'a\033[31m%05000d' 7 | tr 0 ' ')"
tried
assert_eq 1 "$STATUS" "status"
assert_no_match $'\033' "$OUTPUT" "output"
expect_words "a?[31m" "#   ..."
[ ${#OUTPUT} -lt 8000 ] || fail "${#OUTPUT} characters are printed"

it "one token of several is tried, or all, and a name that none has is an error"
stub_set mode=ok
{
  printf 'token good {\nbase-url = %s\napi-key-file = %s\n}\n' "$STUB_URL" "$C/key"
  printf 'token bad {\nbase-url = %s\napi-key-file = %s\n}\n' "$STUB_URL" "$C/other"
} >"$C/a.conf"
tried
assert_eq 1 "$STATUS" "status"
expect_words "good: works" "bad: no token: "
tried --try=good
assert_eq 0 "$STATUS" "status"
expect_words "good: works"
assert_no_match 'bad: ' "$OUTPUT" "output"
tried --try=ugly
assert_eq 2 "$STATUS" "status"
expect_words "--try: there is no token of this name; there is good, bad"

it "an error of the configuration is told as ever, and nobody is asked"
stub_set 'mode=ok&count=0'
configure "$BY_KEY" "methd = POST"
tried
assert_eq 2 "$STATUS" "status"
assert_eq 0 "$(stub_calls)" "backend calls"

it "the user asks that the daemon would have, who must be able to read the key"
if need_root; then
  configure "$BY_KEY"
  chmod 755 "$C"
  tried --user=nobody --group=nogroup
  expect_advice "$C/key" "Permission denied"
  chmod 644 "$C/key"
  tried --user=nobody --group=nogroup
  assert_eq 0 "$STATUS" "status"
fi

it "bash completes the flags of bearerd and names of files"
completed() {
  bash -c '. "$1"; COMP_WORDS=("${@:3}"); COMP_CWORD=$(($# - 3)); _bearerd "$2"
    echo "${COMPREPLY[@]}"' - "$BB_SOURCE/../../completion/bearerd.bash" \
    "$BEARERD" bearerd "$@"
}
assert_eq "--try" "$(completed --tr)" "flag"
assert_eq "--api-key-file --api-key-header" "$(completed --api-key-)" "options"
assert_eq "$C/a.conf" "$(completed -c "$C/a.co")" "file"
assert_eq "$C/a.conf" "$(completed --api-key-file = "$C/a.co")" "file"

it "no secret and no token was printed"
assert_eq "" "$(grep -n -E -o '.{0,30}(canary|stub-[0-9]).{0,30}' "$C/all")" "output"
assert_no_match "$(printf %s "$PASSWORD" | base64)" "$(cat "$C/all")" "output"

finish
