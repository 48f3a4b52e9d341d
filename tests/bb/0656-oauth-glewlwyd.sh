#!/bin/bash
# SPDX-License-Identifier: MIT
# Client credentials from glewlwyd, which takes name and secret of Basic as they
# are: client-auth = basic-raw.
# needs: glewlwyd sqlite3
. "$(dirname "$0")/lib.sh"

DATA=/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3

port=$(free_port)
SERVER=http://127.0.0.1:$port
sed -E -e "s,^port=.*,port=$port\nbind_address=\"127.0.0.1\"," \
  -e "s,^external_url=.*,external_url=\"$SERVER/\"," \
  -e "s,^@include.*,database = { type = \"sqlite3\"; path = \"$BB_DIR/g.db\"; }," \
  -e 's,^log_mode=.*,log_mode="console",' /etc/glewlwyd/glewlwyd.conf \
  >"$BB_DIR/glewlwyd.conf"
sqlite3 "$BB_DIR/g.db" <"$DATA"
openssl genrsa -out "$BB_DIR/key.pem" 2048 2>/dev/null
openssl rsa -in "$BB_DIR/key.pem" -pubout -out "$BB_DIR/public.pem" 2>/dev/null
spawn glewlwyd glewlwyd -c "$BB_DIR/glewlwyd.conf" -m console
await "get $SERVER/api/ >/dev/null"
python3 "$BB_SOURCE/glewlwyd.py" "$SERVER" "$BB_DIR/key.pem" "$BB_DIR/public.pem" 5 ||
  fail "glewlwyd was not set up"
cat >"$BB_DIR/a.conf" <<EOT
grant = client-credentials
client-id = gateway
client-secret = "s3cr/t+1"
base-url = $SERVER
path = /api/oidc/token
scope = api
token raw {
  client-auth = basic-raw
}
token encoded {
}
EOT
start_bearerd -l --config="$BB_DIR/a.conf" --wait-limit=1s

it "a token is obtained, and renewed twice"
await "[ -n \"\$(json token \"\$(get $URL/tokens/raw)\")\" ]"
assert_match '^eyJ' "$(json token "$(get "$URL/tokens/raw")")" "token"
await "[ \"\$(metric 'bearerd_token_generation{token=\"raw\"}')\" -ge 3 ]" 15
assert_eq "" "$(grep 'token raw: ' "$BB_DIR/bearerd.log" | grep -E ' (warning|err) ')" "log"

it "encoded as the standard has it, this server refuses the client"
assert_log bearerd 'token encoded: the backend refuses our credentials \(status 403\); check client-id, client-auth and grant'
