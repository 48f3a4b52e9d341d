#!/bin/bash
# SPDX-License-Identifier: MIT
# The recipes of identity providers make the request that each of them documents.
# limit: 120
. "$(dirname "$0")/lib.sh"

PROVIDERS="entra-secret entra-certificate entra-federated okta auth0 keycloak
  google-service-account cognito salesforce-jwt github-app"
FORM_JWT=urn:ietf:params:oauth:client-assertion-type:jwt-bearer

# adapted NAME: a recipe with the stand-in's address and this test's files.
adapted() {
  sed -E -e "s,https://keycloak.example/realms/REALM,$SERVER," \
    -e "s,(token-url|base-url) = \"https://[^/\"]+,\1 = \"$SERVER," \
    -e "s,/etc/bearerd/[a-z-]+(\.key|\.pem),$BB_DIR/key.pem," \
    -e "s,/etc/bearerd/[a-z-]+\.crt,$BB_DIR/cert.pem," \
    -e "s,/etc/bearerd/[a-z0-9-]+,$BB_DIR/secret," \
    -e "s,/var/run/[a-z/-]+,$BB_DIR/federated," \
    "$BB_SOURCE/../../examples/backends/$1.conf"
}

# part N JWT: its header (1) or claims (2).
part() {
  local text
  text=$(cut -d. -f"$1" <<<"$2" | tr _- /+)
  while [ $((${#text} % 4)) != 0 ]; do text+="="; done
  base64 -d <<<"$text"
}

# field NAME: of the last form.
field() { json "$1" "$FORM"; }

port=$(free_port)
SERVER=http://127.0.0.1:$port
spawn server python3 "$BB_SOURCE/authorization.py" "$port" 600
await "grep -q ready '$BB_DIR/server.log'"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$BB_DIR/key.pem" \
  -out "$BB_DIR/cert.pem" -subj /CN=bearerd -days 2 2>/dev/null
printf 's3cr/t+1\n' >"$BB_DIR/secret"
printf 'eyJ.federated.t0ken\n' >"$BB_DIR/federated"
for name in $PROVIDERS; do
  adapted "$name"
done >"$BB_DIR/a.conf"
start_bearerd -n all -l --config="$BB_DIR/a.conf"

# sent NAME PATH: a token is there by this recipe; FORM is what was sent.
sent() {
  await "[ -n \"\$(json token \"\$(get $URL/tokens/$1)\")\" ]" ||
    fail "no token by $1: $(grep -E "token $1: " "$BB_DIR/all.log" | tail -1)"
  FORM=$(get "$SERVER/last?$2")
}

# posts TEXT...: each is in the form.
posts() {
  local text
  for text in "$@"; do
    assert_match "$text" "$FORM" "form"
  done
}

it "Entra ID, by secret, certificate and federated token"
entra=/TENANT/oauth2/v2.0/token
sent entra-secret $entra
sent entra-certificate $entra
sent entra-federated $entra
FORM=$(get "$SERVER/all?$entra")
posts '"grant_type": "client_credentials", "client_id": "CLIENT_ID", "client_secret": "s3cr/t\+1", "scope": "https://graph.microsoft.com/.default"' \
  "\"client_assertion_type\": \"$FORM_JWT\", \"client_assertion\": \"eyJ.federated.t0ken\"" \
  "\"client_assertion_type\": \"$FORM_JWT\", \"client_assertion\": \"ey[^.]+\.[^.]{60}"
jwt=$(grep -o '"client_assertion": "ey[^"]*"' <<<"$FORM" | grep -v federated | cut -d'"' -f4)
print=$(openssl x509 -in "$BB_DIR/cert.pem" -outform DER | openssl dgst -sha256 -binary |
  base64 | tr /+ _- | tr -d =)
assert_eq "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"$print\"}" \
  "$(part 1 "$jwt")" "header"
assert_match "\"iss\":\"CLIENT_ID\",\"sub\":\"CLIENT_ID\",\"aud\":\"$SERVER$entra\"" \
  "$(part 2 "$jwt")" "claims"

it "the signature is that of the key, with a salt as long as the hash"
cut -d. -f1,2 <<<"$jwt" | tr -d '\n' >"$BB_DIR/signed"
part 3 "$jwt" >"$BB_DIR/signature"
openssl x509 -in "$BB_DIR/cert.pem" -pubkey -noout >"$BB_DIR/public.pem"
assert_eq "Verified OK" "$(openssl dgst -sha256 -verify "$BB_DIR/public.pem" \
  -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 \
  -signature "$BB_DIR/signature" "$BB_DIR/signed" 2>&1)" "openssl dgst"

it "Okta, Auth0, Keycloak and Cognito"
sent okta /oauth2/v1/token
posts '"scope": "okta.users.read"' "\"client_assertion_type\": \"$FORM_JWT\""
assert_eq '{"alg":"RS256","typ":"JWT","kid":"KEY_ID"}' \
  "$(part 1 "$(field client_assertion)")" "header"
sent auth0 /oauth/token
posts '"client_secret": "s3cr/t\+1"' '"audience": "https://api.example.com/"'
sent keycloak /found
posts '^\{"grant_type": "client_credentials", "authorization": "Basic Q0xJRU5UX0lEOnMzY3IlMkZ0JTJCMQ=="\}$'
sent cognito /oauth2/token
posts '"scope": "orders/read orders/write", "authorization": "Basic '

it "Google and Salesforce, by an assertion for a token"
google=$(get "$SERVER/last?/token")
FORM=$google
posts '^\{"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "ey[^"]+", "authorization": ""\}$'
assert_match "^\{\"iss\":\"NAME@PROJECT.iam.gserviceaccount.com\",\"aud\":\"$SERVER/token\",\"jti\":\"[0-9a-f]+\",\"iat\":[0-9]+,\"exp\":[0-9]+,\"scope\":\"https://www.googleapis.com/auth/cloud-platform\"\}\$" \
  "$(part 2 "$(field assertion)")" "claims"
sent salesforce-jwt /services/oauth2/token
assert_match '"iss":"CONSUMER_KEY","sub":"robot@example.com","aud":"https://login.salesforce.com"' \
  "$(part 2 "$(field assertion)")" "claims"

it "GitHub, by a chain"
sent github-app /app/installations/INSTALLATION/access_tokens
posts '^\{"authorization": "Bearer ey'
assert_match '^\{"iss":"CLIENT_ID","jti":"[0-9a-f]+","iat":[0-9]+,"exp":[0-9]+\}$' \
  "$(part 2 "$(sed -E 's/.*Bearer ([^"]+)".*/\1/' <<<"$FORM")")" "claims"
assert_no_match ' (warning|err) ' "$(cat "$BB_DIR/all.log")" "log"
