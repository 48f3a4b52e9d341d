#!/bin/bash
# SPDX-License-Identifier: MIT
# Each grant at a server that others wrote, from the first token to the third;
# what a server grants other than it was asked; tokens that are none for bearers.
# needs: openssl
. "$(dirname "$0")/lib.sh"

JWT=urn:ietf:params:oauth:token-type:jwt


# with_client NAME LINE...: a token for the client of that name.
with_client() {
  token "$1" "client-id = $1" "client-secret = $(secret_of "$1")" "${@:2}"
}

# claims NAME: those of its token, a JWT.
claims() {
  local part
  part=$(of "$1" | cut -d. -f2)
  base64 -d 2>/dev/null <<<"$(tr -- '-_' '+/' <<<"$part")=="
}

start_servers 8
printf '%s\n' "$(get "$PLAIN/seed/refresh")" >"$KEYS/refresh.seed"
with_client password 'grant = password' 'username = robot@example.com' \
  "password-file = $KEYS/odd.secret"
with_client bearer 'grant = jwt-bearer' \
  "claims = \"{\\\"sub\\\":\\\"robot@example.com\\\",\\\"team\\\":[\\\"shop\\\"]}\""
token bearer-key 'client-id = bearer-key' 'grant = jwt-bearer' \
  'username = robot@example.com' "signing-key-file = $KEYS/p384.pem" \
  'claims = "{\"team\":[\"shop\"]}"' 'parameter = "client_id=bearer-key"'
with_client exchange 'grant = token-exchange' 'subject-token = token:password' \
  "actor-token = file:$KEYS/actor" "actor-token-type = $JWT"
with_client refresh 'grant = refresh-token' \
  "refresh-token-file = $KEYS/refresh.seed" \
  "refresh-token-store = $KEYS/refresh.store"
printf '%s\n' "$(get "$PLAIN/seed/rotate")" >"$KEYS/rotate.seed"
with_client rotate 'grant = refresh-token' \
  "refresh-token-file = $KEYS/rotate.seed" \
  "refresh-token-store = $KEYS/rotate.store"
with_client scope 'scope = "api:read api:all"'
with_client resource 'resource = https://api.example.com/orders' \
  'scope = api:read'
with_client elsewhere 'resource = https://elsewhere.example/'
with_client bound
with_client dpop "token-url = $PLAIN/dpop"
start_bearerd -l --config="$BB_DIR/oauth.conf" --wait-limit=1s

for name in password bearer bearer-key exchange; do
  it "tokens are got by the grant of $name"
  assert_renewed "$name"
  assert_eq "" "$(seen "failed.$name")" "refused calls: $(seen "error.$name")"
done

it "tokens are got by a refresh token that stays the same"
assert_renewed refresh
assert_eq "" "$(seen failed.refresh)" "refused calls: $(seen error.refresh)"

it "tokens are got by refresh tokens of which each is used once"
assert_renewed rotate
assert_eq "" "$(seen failed.rotate)" "refused calls: $(seen error.rotate)"

it "a scope that is not granted is warned of once"
assert_renewed scope
assert_eq 1 "$(grep -c 'token scope: the authorization server does not grant the scope api:all' \
  "$BB_DIR/bearerd.log")" "lines"

it "a resource is asked for, and the token is for it"
assert_renewed resource
assert_match '"aud":"https://api.example.com/orders"' "$(claims resource)" "claims"
assert_match '"scope":"api:read"' "$(claims resource)" "claims"

it "a resource that the server does not know is told"
await '[ "$(seen failed.elsewhere)" -gt 0 ]'
expect_status 503 "$URL/tokens/elsewhere"
assert_log bearerd 'err .* token elsewhere: the authorization server answers invalid_target .*; check resource'

it "a token of type DPoP is refused, and the type is told"
await '[ "$(seen ok.dpop)" -gt 0 ]'
expect_status 503 "$URL/tokens/dpop"
assert_ne "" "$(header Retry-After)" "Retry-After"
assert_log bearerd 'err .* token dpop: the answer.s token_type is DPoP, not Bearer'
assert_no_match 'bound-to-a-key' "$(cat "$BB_DIR/bearerd.log")" "log"

it "a server that wants a proof beside the token's request is quoted"
await '[ "$(seen failed.bound)" -gt 0 ]'
expect_status 503 "$URL/tokens/bound"
assert_log bearerd 'err .* token bound: the authorization server answers invalid_grant .*: grant request is invalid'

it "the refresh token that was kept is used after a restart"
stop bearerd
renewed=$(seen ok.rotate)
start_bearerd -l --config="$BB_DIR/oauth.conf" --wait-limit=1s
assert_renewed rotate
assert_eq "" "$(seen failed.rotate)" "refused calls: $(seen error.rotate)"
assert_between $((renewed + 2)) 99 "$(seen ok.rotate)" "calls"

it "no assertion and no rotated refresh token is used twice"
assert_nothing_again

it "no secret is logged"
for name in password bearer exchange refresh rotate scope; do
  assert_no_match "$(secret_of "$name")" "$(cat "$BB_DIR/bearerd.log")" "log"
done
stop bearerd

finish
