#!/bin/bash
# SPDX-License-Identifier: MIT
# Client credentials from glewlwyd, which takes name and secret of Basic as they
# are: client-auth = basic-raw.
# needs: libcbor0.8 libconfig9 libhoel1.4 libiddawc1.1 libjansson4 libldap-2.5-0
# needs: liboath0 liborcania2.3 librhonabwy1.1 libulfius2.7 libyder2.0 sqlite3
. "$(dirname "$0")/lib.sh"

# The package is unpacked, not installed: installed it starts a service that all
# can reach, and asks for a database server.
G=$BB_DIR/glewlwyd
mkdir "$G"
(
  cd "$G" || exit
  apt-get download glewlwyd glewlwyd-common
  for package in *.deb; do
    dpkg -x "$package" .
  done
) >"$BB_DIR/unpack.log" 2>&1
if [ ! -x "$G/usr/bin/glewlwyd" ]; then
  it "a token is obtained from glewlwyd"
  skip "its package is not to be had: $(tail -n 1 "$BB_DIR/unpack.log")"
  exit
fi

port=$(free_port)
SERVER=http://127.0.0.1:$port
sed -E -e "s,^port=.*,port=$port\nbind_address=\"127.0.0.1\"," \
  -e "s,^external_url=.*,external_url=\"$SERVER/\"," \
  -e "s,^@include.*,database = { type = \"sqlite3\"; path = \"$BB_DIR/g.db\"; }," \
  -e "s,\"/usr/lib/glewlwyd,\"$G/usr/lib/glewlwyd," \
  -e 's,^log_mode=.*,log_mode="console",' \
  "$G/usr/share/glewlwyd/templates/glewlwyd-debian.conf.properties" \
  >"$BB_DIR/glewlwyd.conf"
sqlite3 "$BB_DIR/g.db" \
  <"$G/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"
openssl genrsa -out "$BB_DIR/key.pem" 2048 2>/dev/null
openssl rsa -in "$BB_DIR/key.pem" -pubout -out "$BB_DIR/public.pem" 2>/dev/null
spawn glewlwyd "$G/usr/bin/glewlwyd" -c "$BB_DIR/glewlwyd.conf" -m console
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
