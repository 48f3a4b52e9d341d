#!/bin/bash
# SPDX-License-Identifier: MIT
# The authorities that are trusted over TLS: a file of them takes the place of
# the system's, whatever the system and the environment have besides.
# needs: nodejs openssl util-linux mount
. "$(dirname "$0")/lib.sh"

C=$BB_DIR

# authority NAME: NAME.crt, which signs itself, and NAME.key.
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$C/$1.key" -out "$C/$1.crt" -subj "/CN=$1" -days 2 2>/dev/null
}

# certificate NAME AUTHORITY: for localhost.
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$C/$1.key" -out "$C/$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$C/$1.csr" -CA "$C/$2.crt" -CAkey "$C/$2.key" \
    -CAcreateserial -days 2 -out "$C/$1.crt" \
    -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") 2>/dev/null
}

# start_tls NAME CERTIFICATE: a backend that answers any request; sets TLS_URL.
start_tls() {
  local port
  port=$(free_port)
  spawn "$1" node "$BB_SOURCE/tls_backend.js" "$port" "$C/$2.key" "$C/$2.crt"
  await "grep -q '^listening' '$BB_DIR/$1.log'" 20 || bail "node: no server"
  TLS_URL=https://localhost:$port
}

# asked_of NAME: requests that this backend got.
asked_of() {
  grep -c '^asked' "$BB_DIR/$1.log"
}

authority system && authority private
certificate by-system system
certificate by-private private
mkdir "$C/certs" "$C/none"
cp "$C/system.crt" "$C/certs/system.pem"
ln -s system.pem "$C/certs/$(openssl x509 -hash -noout -in "$C/system.crt").0"
cp "$C/system.crt" "$C/certs/ca-certificates.crt"
cat >"$C/in-system" <<'S'
#!/bin/sh
exec unshare -rm sh -c 'mount --bind "$0" /etc/ssl/certs && exec "$@"' \
	"$(dirname "$0")/certs" "$@"
S
chmod +x "$C/in-system"
if ! "$C/in-system" true 2>"$C/unshare.err" || [ -n "$BEARERD_WRAP" ]; then
  it "ca-file holds instead of the system's authorities"
  skip "name spaces are not to be had: $(head -1 "$C/unshare.err")"
  exit
fi
BEARERD_WRAP=$C/in-system
start_tls theirs by-system
THEIRS=$TLS_URL
start_tls ours by-private
OURS=$TLS_URL
STUB_URL=$THEIRS

it "without ca-file the system's authorities are believed"
start_bearerd -n plain
assert_eq tls-1 "$(token_now)" "token"
stop plain

# VARIABLES of the environment ~ that name the authority of the system, too
environments='~nothing
SSL_CERT_FILE=%s/system.crt~a file
SSL_CERT_DIR=%s/certs~a directory
SSL_CERT_FILE=%s/system.crt SSL_CERT_DIR=%s/none:%s/certs~both'
while IFS='~' read -r variables what; do
  it "ca-file: no other authority is believed, though the environment names $what"
  before=$(asked_of theirs)
  # shellcheck disable=SC2086 # a list of variables
  start_bearerd -n "other-${what// /-}" -l --ca-file="$C/private.crt" \
    ${variables//%s/$C}
  await "grep -q -i 'certificate' '$BB_DIR/other-${what// /-}.log'"
  assert_log "other-${what// /-}" "token token: backend: .*certificate"
  expect_status 503 "$URL/token"
  assert_eq "$before" "$(asked_of theirs)" "requests at the other's server"
  stop "other-${what// /-}"
done <<<"$environments"

it "ca-file: whom it names is believed"
start_bearerd -n named BASE_URL="$OURS" --ca-file="$C/private.crt"
assert_match '^tls-' "$(token_now)" "token"
stop named

it "without ca-file, what SSL_CERT_FILE names is believed, as it is of Redis"
start_bearerd -n variable BASE_URL="$OURS" SSL_CERT_FILE="$C/private.crt"
assert_match '^tls-' "$(token_now)" "token"
stop variable

it "and whom nobody names is not"
start_bearerd -n nobody -l BASE_URL="$OURS"
await "grep -q -i 'backend: .*certificate' '$BB_DIR/nobody.log'"
expect_status 503 "$URL/token"
stop nobody

it "redis-ca-file holds instead of the system's authorities"
start_stub -l 600
redis_tls=$(free_port)
start_redis -n redis --tls-port "$redis_tls" --tls-ca-cert-file \
  "$C/system.crt" --tls-cert-file "$C/by-system.crt" --tls-key-file \
  "$C/by-system.key" --tls-auth-clients no
start_bearerd -n redis-plain --redis-tls=yes BEARERD_REDIS_PORT="$redis_tls"
await '[ "$(metric bearerd_redis_up)" = 1 ]'
stop redis-plain
redis FLUSHALL >/dev/null
start_bearerd -n redis-other --redis-tls=yes BEARERD_REDIS_PORT="$redis_tls" \
  --redis-ca-file="$C/private.crt" SSL_CERT_FILE="$C/system.crt" \
  SSL_CERT_DIR="$C/certs"
await "grep -q 'Redis is unreachable: .*certificate' '$BB_DIR/redis-other.log'"
expect_status 200 "$URL/token"
assert_eq 0 "$(redis EXISTS token)" "tokens in Redis"

finish
