#!/bin/bash
# SPDX-License-Identifier: MIT
# A backend that is somebody else's program: httpbin, whose /uuid looks like a
# token of another name that does not say how long it lives.
. "$(dirname "$0")/lib.sh"

if [ ! -x /usr/bin/gunicorn ] || ! /usr/bin/python3 -c 'import httpbin' \
  2>"$BB_DIR/import.err"; then
  it "httpbin serves as a backend"
  skip "gunicorn or python3-httpbin is missing"
  exit
fi
port=$(free_port)
spawn httpbin env -i PATH=/usr/bin:/bin HOME="$BB_DIR" PYTHONDONTWRITEBYTECODE=1 \
  /usr/bin/gunicorn -b "127.0.0.1:$port" -w 2 httpbin:app
await "curl -sf --noproxy '*' -o '$BB_DIR/uuid' 'http://127.0.0.1:$port/uuid'" 20 ||
  bail "httpbin does not start"

it "another path and another member name make a token of httpbin's uuid"
start_bearerd BASE_URL="http://127.0.0.1:$port" API_KEY=anything \
  --path=/uuid --token-field=uuid
expect_status 200 "$URL/token"
token=$(json token)
assert_match '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' "$token" "token"

it "a life that nothing tells is the default of 30 minutes"
assert_between 1700 1770 "$(json expires_in)" "expires_in"

it "no Redis is needed"
expect_status 200 "$URL/token"
assert_eq "$token" "$(json token)" "token"
assert_eq "" "$(metric bearerd_redis_up)" "bearerd_redis_up"

it "a JSON Pointer names the member as well"
start_bearerd -n pointer BASE_URL="http://127.0.0.1:$port" API_KEY=anything \
  --path=/anything/x --token-field=/headers/Backend-Apikey
expect_status 200 "$URL/token"
assert_eq anything "$(json token)" "token"
