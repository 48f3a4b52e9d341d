#!/bin/bash
# SPDX-License-Identifier: MIT
# Nothing leaks of what OAuth 2.0 needs: secrets of clients, passwords, keys,
# assertions and the tokens that others are made of.
. "$(dirname "$0")/lib.sh"

port=$(free_port)
SERVER=http://127.0.0.1:$port
spawn server python3 "$BB_SOURCE/authorization.py" "$port" 5
await "grep -q ready '$BB_DIR/server.log'"
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
  -out "$BB_DIR/key.pem" 2>/dev/null
key=$(sed -n 2p "$BB_DIR/key.pem" | cut -c49-64)
printf 'c4nary-assertion\n' >"$BB_DIR/assertion"
cat >"$BB_DIR/a.conf" <<EOT
client-id = gateway
client-secret = c4nary-client
token secret {
  base-url = $SERVER
  path = /secret
  grant = password
  username = bob
  password = c4nary-user
  client-auth = post
}
token refused {
  base-url = $SERVER
  path = /error/invalid_grant
  grant = client-credentials
}
token key {
  base-url = $SERVER
  path = /key
  grant = jwt-bearer
  signing-key-file = $BB_DIR/key.pem
}
token file {
  base-url = $SERVER
  path = /file
  grant = token-exchange
  client-auth = assertion-file
  client-assertion-file = $BB_DIR/assertion
  subject-token = token:secret
}
EOT
# Tokens of the stand-in, assertions, and what the configuration has.
CANARY="c4nary|(secret|key|file)-[0-9]+\"|eyJhbGciOi|$key"
start_bearerd -l --log-level=debug --config="$BB_DIR/a.conf"
master=$(pid_of bearerd)

it "the server has got them all, twice"
for path in secret key file; do
  await "[ \"\$(get $SERVER/calls?/$path)\" -ge 2 ]"
done
assert_match '"password": "c4nary-user".*"client_secret": "c4nary-client"' \
  "$(get "$SERVER/last?/secret")" "form"
assert_match 'c4nary-assertion.*"subject_token": "secret-|"subject_token": "secret-.*c4nary-assertion' \
  "$(get "$SERVER/last?/file")" "form"
assert_match '"assertion": "eyJhbGciOi' "$(get "$SERVER/last?/key")" "form"

it "log, metrics, status and --test have none"
assert_no_match "$CANARY" "$(cat "$BB_DIR/bearerd.log")" "log"
for url in "$ADMIN/metrics" "$ADMIN/status" "$ADMIN/status.json" "$ADMIN/readyz"; do
  assert_no_match "$CANARY" "$(curl -s --noproxy '*' -i "$url")" "$url"
done
assert_no_match "$CANARY" \
  "$("$BEARERD" --test --config="$BB_DIR/a.conf" 2>&1)" "--test"

it "command lines, environments and workers' memory have none"
for pid in $master $(children_of "$master"); do
  assert_no_match "$CANARY" \
    "$(tr '\0' ' ' <"/proc/$pid/cmdline")" "process $pid"
done
need_root
[ -z "${ASAN_OPTIONS:-}" ] || skip "the sanitizer keeps copies"
for pid in $(children_of "$master" worker); do
  assert_eq 0 "$(python3 "$BB_SOURCE/canaries.py" "$pid" "c4nary|$key")" \
    "canaries in worker $pid"
done

it "when a call is over, no assertion and no form is left in the refresher"
need_root
[ -z "${ASAN_OPTIONS:-}" ] || skip "the sanitizer keeps copies"
refresher=$(children_of "$master" refresher)
await "[ \"\$(python3 '$BB_SOURCE/canaries.py' $refresher \
  'client_secret=|assertion=ey|password=c4|$key')\" = 0 ]" 8
