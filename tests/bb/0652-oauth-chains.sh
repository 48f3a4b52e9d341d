#!/bin/bash
# SPDX-License-Identifier: MIT
# Tokens that are made of other tokens, discovery and its outages, tokens that
# bearerd signs itself, errors in the server's words, and configurations that
# cannot work.
# limit: 240
. "$(dirname "$0")/lib.sh"

LIVES=20

# configure TEXT: the file that bearerd reads.
configure() {
  printf '%s\n' "$1" >"$BB_DIR/a.conf"
}

start() {
  start_bearerd -n "$1" -l --config="$BB_DIR/a.conf" --wait-limit=1s "${@:2}"
}

# tested: bearerd --test with the file; sets STATUS and OUTPUT.
tested() {
  OUTPUT=$(env -i PATH="$PATH" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} \
    "$BEARERD" --test --config="$BB_DIR/a.conf" 2>&1)
  STATUS=$?
}

# calls PATH, last PATH: how many forms came there; the last one.
calls() { get "$SERVER/calls?$1"; }
last() { get "$SERVER/last?$1"; }

generation_of() { metric "bearerd_token_generation{token=\"$1\"}"; }

port=$(free_port)
SERVER=http://127.0.0.1:$port
spawn server python3 "$BB_SOURCE/authorization.py" "$port" 3
await "grep -q ready '$BB_DIR/server.log'"
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
  -out "$BB_DIR/ec.pem" 2>/dev/null
openssl genpkey -quiet -algorithm RSA -out "$BB_DIR/rsa.pem" 2>/dev/null

# The chain goes on while other things are tried.
configure "
grant = token-exchange
client-id = gateway
client-secret = s3cret/1
token third {
  base-url = $SERVER
  path = /third
  subject-token = token:second
}
token second {
  base-url = $SERVER
  path = /second
  subject-token = token:first
}
token first {
  base-url = $SERVER
  path = /first
  grant = client-credentials
  subject-token = \"\"
  client-auth = post
}"
start chain
chain=$URL chain_admin=$ADMIN

it "a chain of three is there at once, each link made of the one before"
await "[ -n \"\$(json token \"\$(get $chain/tokens/third)\")\" ]" 5
assert_match '"subject_token": "second-[0-9]+"' "$(last /third)" "form"
assert_match '"subject_token": "first-[0-9]+"' "$(last /second)" "form"
assert_match '"authorization": "Basic Z2F0ZXdheTpzM2NyZXQlMkYx"' \
  "$(last /second)" "form"
assert_match '"client_secret": "s3cret/1"' "$(last /first)" "form"

it "the scope that is not granted is told once, an error in its words"
configure "
grant = client-credentials
client-id = gateway
client-secret = s3cret/1
token granted {
  base-url = $SERVER
  path = /granted
  scope = \"a  b\"
}
token scope {
  base-url = $SERVER
  path = /error/invalid_scope
}
token posted {
  base-url = $SERVER
  path = /error/invalid_client
  client-auth = post
}"
start errors
await "[ -n \"\$(json token \"\$(get $URL/tokens/granted)\")\" ]"
await "grep -q 'token posted: .* invalid_client' '$BB_DIR/errors.log'"
await "[ \"\$(calls /granted)\" -ge 3 ]"
assert_eq 1 "$(grep -c 'does not grant the scope b$' "$BB_DIR/errors.log")" "lines"
assert_log errors 'token scope: the authorization server answers invalid_scope \(status 400\): no \S+way, client; check scope$'
assert_log errors 'token posted: the authorization server answers invalid_client \(status 400\); check client-id'
assert_no_match 's3cret' "$(cat "$BB_DIR/errors.log")" "log"
assert_eq 1 "$(metric 'bearerd_token_oauth_error{token="scope",error="invalid_scope"}')" "metric"
assert_match '"name":"posted",.*"last_error":"invalid_client"' \
  "$(get "$ADMIN/status.json")" "status"
assert_match '"name":"granted",.*"last_error":null' "$(get "$ADMIN/status.json")" "status"
assert_no_match $'\e' "$(cat "$BB_DIR/errors.log")" "log"
assert_eq 1 "$(calls /error/invalid_scope)" "calls: they are paced as wrong credentials"
stop errors

it "an issuer's metadata tell the token endpoint, and outlive an outage"
configure "
token token {
  issuer = $SERVER
  grant = client-credentials
  client-id = gateway
  client-secret = s3cret
}
token other {
  issuer = $SERVER/other
  grant = client-credentials
  client-id = gateway
  client-secret = s3cret
}"
start found
await "[ -n \"\$(token_now)\" ]"
get "$SERVER/metadata?503" >/dev/null
before=$(calls /found)
await "[ \"\$(calls /found)\" -ge $((before + 2)) ]"
assert_eq "" "$(json token "$(get "$URL/tokens/other")")" "token of another issuer"
assert_log found "token other: the metadata of $SERVER/other cannot be read: the metadata are of another issuer, \"$SERVER\""

it "a reload that changes nothing gets no new token, another scope does"
before=$(generation_of token)
kill -s HUP "$(pid_of found)"
await "[ \$(grep -c 'configuration was reloaded' '$BB_DIR/found.log') = 1 ]"
assert_between "$before" $((before + 1)) "$(generation_of token)" "generation"
get "$SERVER/metadata?200" >/dev/null
stop found

it "a token that bearerd signs itself has the claims, and is renewed"
configure "
token signed {
  grant = self-signed
  client-id = app/1
  audience = \"https://api.example.com\"
  signing-key-file = $BB_DIR/ec.pem
  signing-key-id = k1
  claims = \"{\\\"tenant\\\":[1,\\\"ü\\\"]}\"
  default-ttl = 4s
}
token installed {
  base-url = $SERVER
  path = /plain
  method = POST
  subject-token = token:signed
  request-header = \"Authorization: Bearer @{subject-token}\"
  auth = none
  token-field = access_token
}"
start signs
await "[ -n \"\$(json token \"\$(get $URL/tokens/installed)\")\" ]"
signed=$(json token "$(get "$URL/tokens/signed")")
assert_match '^\{"alg":"ES256","typ":"JWT","kid":"k1"\}$' \
  "$(cut -d. -f1 <<<"$signed" | tr _- /+ | base64 -d 2>/dev/null)" "header"
assert_match '^\{"iss":"app/1","sub":"app/1","aud":"https://api.example.com","jti":"[0-9a-f]{32}","iat":[0-9]+,"exp":[0-9]+,"tenant":\[1,"ü"\]\}$' \
  "$(cut -d. -f2 <<<"$signed" | tr _- /+ | base64 -d 2>/dev/null)" "claims"
assert_match '"authorization": "Bearer ey[^"]+"' "$(last /plain)" "form"
await "[ \"\$(json token \"\$(get $URL/tokens/signed)\")\" != '$signed' ]"
stop signs

it "what cannot work is an error of the configuration, with the way out"
n=0
while IFS='|' read -r lines message; do
  n=$((n + 1))
  eval "text=\"$lines\""
  configure "base-url = $SERVER
$(tr ';' '\n' <<<"$text")"
  tested
  assert_eq 2 "$STATUS" "status with $lines"
  assert_match "$message" "$OUTPUT" "message for $lines"
done <<'EOT'
scope = a|scope: needs grant, which is none
grant = password;client-id=a;username=b|grant: password needs password or password-file, of which none is set
grant = client-credentials;client-id = a|grant: client-credentials needs client-secret or client-secret-file
grant = client-credentials;client-id=a;client-auth = private-key-jwt|client-auth: private-key-jwt needs signing-key-file, which is not set
grant = client-credentials;client-auth = tls|client-auth: tls needs client-id, which is not set
grant = client-credentials;client-id=a;client-auth=secret-jwt;client-secret=short|client-secret: HS256 needs a secret of 32 bytes or more
grant = self-signed;signing-alg = RS256;signing-key-file=$BB_DIR/ec.pem|signing-key-file: RS256 needs an RSA key of 2048 bits or more
grant = self-signed;signing-alg = ES384;signing-key-file=$BB_DIR/ec.pem|signing-key-file: ES384 needs an EC key of the curve P-384
grant = self-signed;signing-key-file=$BB_DIR/a.conf|must be a private key in PEM, without a password
grant = self-signed;signing-key-file=$BB_DIR/ec.pem;claims = [1]|claims: '.*' must be a JSON object
grant = token-exchange;client-id=a|grant: token-exchange needs subject-token, which is not set
grant = token-exchange;subject-token = token:nobody|subject-token: names a token that is not there: 'nobody'
grant = token-exchange;subject-token = token:token|subject-token: goes round in a circle: token 'token' would need itself
grant = token-exchange;subject-token = some|must be file:PATH, or token:NAME of another token
grant = refresh-token;client-id = a|grant: refresh-token needs refresh-token-file, which is not set
grant = refresh-token;client-id = a;refresh-token-file=$BB_DIR/a.conf|grant: refresh-token needs refresh-token-store, which is not set
grant = client-credentials;client-id=a;client-secret=b;method = PUT|method: is for plain requests
grant = client-credentials;client-id=a;client-secret=b;parameter = x|must be "name=value"
EOT
assert_eq 18 "$n" "configurations"

it "in $LIVES lives each link of the chain made one call per life"
await "[ \"\$(ADMIN=$chain_admin generation_of third)\" -ge $LIVES ]" 90
for link in first second third; do
  made=$(calls /$link)
  assert_between "$made" $((made + 1)) \
    "$(ADMIN=$chain_admin generation_of $link)" "generations of $link, $made calls"
done
assert_no_match ' (warning|err) ' "$(cat "$BB_DIR/chain.log")" "log"
stop chain
