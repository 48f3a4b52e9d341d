#!/bin/bash
# SPDX-License-Identifier: MIT
# Each way for a client to authenticate, at servers that others wrote, from the
# first token to the third, with clocks that agree and with clocks that do not.
# needs: faketime openssl
# limit: 240
. "$(dirname "$0")/lib.sh"

WITH_KEY="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA"
WITH_SECRET="HS256 HS384 HS512"

# The file of the key for an algorithm.
key_of() {
  case $1 in
  RS* | PS*) echo "$KEYS/rsa.pem" ;;
  ES*) echo "$KEYS/p${1#ES}.pem" ;;
  EdDSA) echo "$KEYS/ed.pem" ;;
  esac
}

# configure: a token for each client of the server.
configure() {
  local alg
  token basic "client-id = \"$ODD_ID\"" "client-secret-file = $KEYS/odd.secret" \
    'client-auth = basic'
  token raw "client-id = \"raw $ODD_ID\"" \
    "client-secret-file = $KEYS/odd.secret" 'client-auth = basic-raw' \
    "token-url = $ISSUER/raw/token"
  token post 'client-id = post' "client-secret = $(secret_of post)" \
    'client-auth = post'
  for alg in $WITH_SECRET; do
    token "$alg" "client-id = $alg" "client-secret = $(secret_of "$alg")" \
      'client-auth = secret-jwt' "signing-alg = $alg" 'signing-key-id = of-no-use'
  done
  for alg in $WITH_KEY; do
    token "$alg" "client-id = $alg" 'client-auth = private-key-jwt' \
      "signing-key-file = $(key_of "$alg")" "signing-alg = $alg" \
      "signing-key-id = key-$alg"
  done
  token entra 'client-id = entra' 'client-auth = private-key-jwt' \
    "signing-key-file = $KEYS/rsa.pem" "signing-cert-file = $KEYS/rsa.crt" \
    'signing-alg = PS256' "assertion-audience = $ISSUER/token"
  token url "token-url = $ISSUER/token" 'issuer = ""' 'client-id = url' \
    'client-auth = private-key-jwt' "signing-key-file = $KEYS/p256.pem"
  token file 'client-id = file' 'client-auth = assertion-file' \
    "client-assertion-file = $KEYS/assertion.jwt"
  token tls 'client-id = tls' 'client-auth = tls' \
    "client-cert-file = $KEYS/client.crt" "client-key-file = $KEYS/client.key"
  token other "issuer = $OTHER" 'client-id = anybody' \
    'client-auth = post' 'client-secret = of-no-use'
}

# start_with [ARGUMENT...]: a bearerd with all of them.
start_with() {
  start_bearerd -l --config="$BB_DIR/oauth.conf" "$@"
}

# used NAME HOW: its token came twice anew, and the client has shown that.
used() {
  it "a client can authenticate by $1"
  assert_renewed "$1"
  assert_eq "" "$(seen "failed.$1")" "refused calls: $(seen "error.$1")"
  assert_eq "$2" "$(seen "by.$1")" "authentication"
}

start_servers 8
configure
start_with

used basic Basic
used raw Basic
used post post
for alg in $WITH_SECRET; do
  used "$alg" assertion
  assert_eq "$alg none" "$(seen "alg.$alg") $(seen "kid.$alg")" "alg and kid"
done
for alg in $WITH_KEY; do
  used "$alg" assertion
  assert_eq "$alg key-$alg" "$(seen "alg.$alg") $(seen "kid.$alg")" "alg, kid"
done
used entra assertion
used url assertion
used file assertion
used tls certificate

it "a token comes from another server, whose tokens are JWTs"
assert_renewed other
assert_match '^eyJ.+\..+\..+$' "$(of other)" "token"

it "all that is logged is that tokens were got"
assert_no_match '(warning|err) ' "$(cat "$BB_DIR/bearerd.log")" "log"

it "an assertion whose answer was lost is not used again"
for name in ES256 HS256; do
  get "$PLAIN/lose/$name" >/dev/null
  calls=$(seen "ok.$name")
  await "[ \$(seen ok.$name) -gt $((calls + 1)) ]" 20
  assert_log bearerd "err .* token $name: backend: "
  assert_eq "" "$(seen "failed.$name")" "refused calls: $(seen "error.$name")"
done

it "an assertion lives for a minute and is used once"
assert_eq 60 "$(seen lifetime.ES256)" "seconds"
assert_between 0 5 "$(seen skew.ES256)" "seconds from the server's time"
assert_nothing_again
stop bearerd

for offset in -5m +5m; do
  it "clients authenticate with a clock that is wrong by $offset"
  if [ -z "$FAKETIME_LIBRARY" ] || [ -n "${ASAN_OPTIONS:-}$BEARERD_WRAP" ]; then
    skip "there is no libfaketime, or it cannot be loaded before a sanitizer"
    continue
  fi
  start_with LD_PRELOAD="$FAKETIME_LIBRARY" FAKETIME="$offset" \
    FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_RESET=1
  for name in "${TOKENS[@]}"; do
    assert_renewed "$name" || break
  done
  # one that knows no issuer has to be told the time by a refusal
  assert_eq "" "$(grep refused "$BB_DIR/server.log" | grep -v 'url invalid_client')" \
    "refused calls"
  assert_between 0 1 "$(grep -c refused "$BB_DIR/server.log")" "refused calls"
  assert_between 0 30 "$(seen skew.ES256)" "seconds from the server's time"
  assert_nothing_again
  stop bearerd
done

finish
