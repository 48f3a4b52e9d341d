# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # the tests read what is set here
#
# lib.sh - what the tests of tests/oauth share: authorization servers of others
# (server.mjs), keys for them, and a bearerd with one token for each way to get
# one.  Each test begins with
#     . "$(dirname "$0")/lib.sh"
# NPM is a folder with the packages of package.json in node_modules, where
# script/test puts them; without it the test is skipped.

OAUTH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
NODE=$(command -v node)
. "$OAUTH/../bb/lib.sh"

FAKETIME_LIBRARY=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
NPM=${NPM:-$BUILD/../npm/oauth}
KEYS=$BB_DIR/keys
ISSUER="" PLAIN="" OTHER="" # URLs of the servers
TOKENS=()                   # names of the tokens in the configuration

ODD_ID='shop/frei haus+1%2F' ODD_SECRET='p&=ss: w/o+r%20d"\~'

if [ -z "$NODE" ] || [ ! -d "$NPM/node_modules" ] ||
  [ "$("$NODE" -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  it "tokens come from authorization servers of others"
  skip "needs node 20 or later, and npm ci in NPM"
  exit
fi

# certify NAME EXTENSION: a key and a certificate by our own CA.
certify() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -days 3 \
    -set_serial "0x$RANDOM" -out "$1.crt" -extfile <(echo "$2")
}

# All of yesterday, where time can be set, for a clock that is behind.
make_keys() (
  mkdir -p "$KEYS" && cd "$KEYS" || exit
  [ -z "$FAKETIME_LIBRARY" ] ||
    export LD_PRELOAD=$FAKETIME_LIBRARY FAKETIME=-1d
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
  for curve in 256 384 521; do
    openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:P-$curve" \
      -out "p$curve.pem"
  done
  mv p521.pem p512.pem # by the algorithm that it is for
  openssl genpkey -algorithm ED25519 -out ed.pem
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout ca.key -out ca.crt -subj /CN=ca -days 3
  certify server subjectAltName=IP:127.0.0.1
  certify client basicConstraints=CA:FALSE
  openssl req -x509 -key rsa.pem -out rsa.crt -subj /CN=entra -days 3
  printf %s "$ODD_ID" >odd.id
  printf %s "$ODD_SECRET" >odd.secret
  echo actor-of-the-tests >actor
  chmod 600 ./*
) >"$BB_DIR/keys.log" 2>&1

# start_servers LIFE: with tokens of so many seconds.
start_servers() {
  local port tls plain other
  make_keys || bail "there are no keys"
  port=$(free_port) tls=$(free_port) plain=$(free_port) other=$(free_port)
  cp "$OAUTH/server.mjs" "$NPM/server-$$.mjs"
  spawn server env LIFE="$1" "$NODE" "$NPM/server-$$.mjs" "$KEYS" "$port" "$tls" \
    "$plain" "$other"
  await "grep -q ready '$BB_DIR/server.log'" 20 || bail "no server"
  rm -f "$NPM/server-$$.mjs"
  ISSUER=https://127.0.0.1:$port PLAIN=http://127.0.0.1:$plain
  OTHER=http://127.0.0.1:$other
  printf '%s\n' "issuer = $ISSUER" "grant = client-credentials" \
    "ca-file = $KEYS/ca.crt" >"$BB_DIR/oauth.conf"
}

# token NAME LINE...: a section of the configuration.
token() {
  TOKENS+=("$1")
  printf '%s\n' "token $1 {" "${@:2}" "}" >>"$BB_DIR/oauth.conf"
}

# seen NAME: what the servers have counted, or saw last.
seen() {
  get "$PLAIN/seen" | awk -v n="$1" '$1 == n { sub(/^[^ ]* /, ""); print; exit }'
}

generation() {
  metric "bearerd_token_generation{token=\"$1\"}"
}

# of NAME: the token that bearerd hands out.
of() {
  json token "$(get "$URL/tokens/$1")"
}

# secret_of CLIENT: its secret, unless it is the odd one.
secret_of() {
  echo "secret-of-$1-which-is-long-enough-for-every-hash-there-is-0123456789"
}

# assert_renewed NAME [TIMES=2]: its token was got, and again so many times.
assert_renewed() {
  await "[ \"\$(generation '$1')\" -gt ${2:-2} ]" 40 || return
  [ -n "$(of "$1")" ] || fail "there is no token $1"
}

# assert_nothing_again: no assertion and no refresh token was used twice.
assert_nothing_again() {
  assert_ne 0 "$(seen jti || echo 0)" "assertions"
  assert_eq "" "$(seen jti.again)" "assertions used again"
  assert_eq "" "$(seen refresh.again)" "refresh tokens used again"
}
