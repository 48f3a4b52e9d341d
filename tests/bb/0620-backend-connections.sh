#!/bin/bash
# SPDX-License-Identifier: MIT
# Connections to a backend: each call is one request on a connection of its
# own, and one that hangs holds nobody up.
# needs: nodejs openssl
. "$(dirname "$0")/lib.sh"

# attempts: backend calls that the last instance counts, however they ended.
attempts() {
  curl -sS --noproxy '*' -m 10 "$ADMIN/metrics" |
    awk '/^bearerd_backend_request_duration_seconds_count/ { n += $2 }
      END { print n + 0 }'
}

# renew NAME: and wait until the backend call has ended.
renew() {
  local before
  before=$(attempts)
  kill -s USR1 "$(pid_of "$1")"
  await "[ \$(attempts) -gt $before ]"
}

# start_h2 NAME: tests/bb/h2_backend.js; sets H2_URL, H2_CONTROL.
start_h2() {
  spawn "$1" node "$BB_SOURCE/h2_backend.js" "$BB_DIR/key.pem" \
    "$BB_DIR/cert.pem"
  await "grep -q '^listening' '$BB_DIR/$1.log'" 20 || bail "node: no server"
  read -r _ H2_PORT H2_CONTROL <"$BB_DIR/$1.log"
  H2_URL=https://localhost:$H2_PORT
  H2_CONTROL=http://127.0.0.1:$H2_CONTROL
}

# h2 NAME: what it counts. h2_set MODE: how it answers from now on.
h2() {
  curl -sS --noproxy '*' -m 10 "$H2_CONTROL/" | awk -v n="$1" '$1 == n { print $2 }'
}

h2_set() {
  curl -sS --noproxy '*' -m 10 "$H2_CONTROL/$1" >"$BB_DIR/h2_set"
}

# ---- what is counted is what is sent --------------------------------------

start_stub -l 600
for mode in close cut hang status=500 status=401; do
  it "$mode after an answer: requests are as many as the calls counted"
  stub_set "mode=ok&count=reset"
  start_bearerd -n "${mode//=/-}" --timeout=1s --connect-timeout=500ms
  renew "${mode//=/-}"
  stub_set "mode=$mode"
  renew "${mode//=/-}"
  renew "${mode//=/-}"
  await '[ "$(attempts)" = "$(stub_calls)" ]'
  # A second, as the refresher sees it; 0 is what a request sent again shows.
  assert_between 500 99999 "$(stub_get interval_min_ms)" "ms between two"
  stop "${mode//=/-}"
done

it "and so they are when max-calls-per-hour counts them"
stub_set "mode=ok&count=reset"
start_bearerd -n budget --timeout=1s --connect-timeout=500ms \
  --max-calls-per-hour=6
stub_set "mode=close"
await "grep -q 'max-calls-per-hour were made' '$BB_DIR/budget.log' ||
  { kill -s USR1 $(pid_of budget); false; }" 40
assert_between 5 6 "$(stub_calls)" "requests"
assert_between 500 99999 "$(stub_get interval_min_ms)" "ms between two"
stop budget

# ---- HTTP/2 ---------------------------------------------------------------

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$BB_DIR/key.pem" \
  -out "$BB_DIR/cert.pem" 2>/dev/null

it "a session of HTTP/2 that never answers is left by the next try"
start_h2 first
h2_set first-hangs
start_bearerd -n first -l BASE_URL="$H2_URL" --timeout=1s \
  --connect-timeout=500ms --ca-file="$BB_DIR/cert.pem"
await '[ -n "$(token_now)" ]' 15
assert_between 2 3 "$(h2 sessions)" "sessions"
assert_between 2 3 "$(h2 requests)" "requests"
stop first

it "and by the other tokens of that backend"
h2_set all-answer
cat >"$BB_DIR/two.conf" <<C
ca-file = "$BB_DIR/cert.pem"
timeout = 1s
connect-timeout = 500ms
token one { base-url = "$H2_URL" api-key = k }
token two { base-url = "$H2_URL" api-key = k path = "/other" }
C
start_bearerd -n two --config="$BB_DIR/two.conf"
h2_set old-hang
kill -s USR1 "$(pid_of two)"
before=$(json token "$(curl -sS --noproxy '*' "$URL/tokens/two")")
await '[ "$(json token "$(curl -sS --noproxy "*" "$URL/tokens/two")")" != "$before" ]'
stop two

it "a request that HTTP/2 refuses is not sent again within the call"
h2_set refuse
start_bearerd -n refuse -l BASE_URL="$H2_URL" --timeout=1s \
  --connect-timeout=500ms --ca-file="$BB_DIR/cert.pem"
await '[ $(attempts) -ge 2 ]'
await '[ $(attempts) = $(h2 requests) ]'
assert_log refuse "the request was refused, or the connection closed"
h2_set all-answer
await '[ -n "$(token_now)" ]' 15
stop refuse

it "what HTTP/2 refuses is asked for by HTTP/1.1"
h2_set http1-only
start_bearerd -n http1 -l BASE_URL="$H2_URL" --timeout=1s \
  --connect-timeout=500ms --ca-file="$BB_DIR/cert.pem"
await '[ -n "$(token_now)" ]' 15
assert_eq 2 "$(h2 requests)" "requests"
stop http1

finish
