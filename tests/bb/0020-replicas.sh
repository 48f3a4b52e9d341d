#!/bin/bash
# SPDX-License-Identifier: MIT
# Instances that share one Redis share one token, the service that bearerd
# replaces among them.
. "$(dirname "$0")/lib.sh"

# start_original: sets ORIGINAL to the URL of original.py.  It knows the
# default port of Redis only.
start_original() {
  local port
  port=$(free_port)
  ORIGINAL=http://127.0.0.1:$port
  spawn original env -i PATH="$PATH" PYTHONDONTWRITEBYTECODE=1 \
    BASE_URL="$STUB_URL" API_KEY="$STUB_KEY" \
    REDIS_HOST="$REDIS_ADDRESS" REDIS_PW="$REDIS_PASSWORD" \
    /usr/bin/python3 -m uvicorn --app-dir "$BB_SOURCE" --port "$port" \
    --log-level warning original:app
  await "curl -s --noproxy '*' -o '$BB_DIR/openapi' '$ORIGINAL/openapi.json'" 20 ||
    bail "the original service does not start"
}

start_redis --bind "127.$((SRANDOM % 250 + 1)).$((SRANDOM % 250 + 1)).1" \
  --port 6379 --requirepass s3cret
start_stub -l 3600
start_bearerd -n first
first=$URL
expect_status 200 "$first/token"
token=$(json token)

it "a second instance serves the token of the first"
start_bearerd -n second
expect_status 200 "$URL/token"
assert_match '^stub-1-' "$token" "token of the first instance"
assert_eq "$token" "$(json token)" "token of the second instance"

it "the second instance knows the token's true life"
assert_between 3500 3570 "$(json expires_in)" "expires_in"
assert_between 2400 2880 "$(json refresh_in)" "refresh_in"

it "the second instance has not called the backend"
assert_eq 1 "$(stub_calls)" "backend calls"
await_redis '{token}:generation' 1

it "both instances name the token by the same entity tag"
tag=$(header ETag)
http "$first/token"
assert_match '^"1-[0-9a-f]{16}"$' "$tag" "ETag"
assert_eq "$(header ETag)" "$tag" "ETag"

if ! /usr/bin/python3 -c 'import fastapi, redis, requests, uvicorn' \
  2>"$BB_DIR/import.err"; then
  it "the original Python service shares the token"
  skip "python3-fastapi, python3-redis, python3-requests or python3-uvicorn is missing"
  exit
fi

it "the original Python service reads the token that bearerd wrote"
start_original
expect_status 200 "$ORIGINAL/token"
assert_eq "$token" "$(json token)" "token of the original"
assert_eq 1 "$(stub_calls)" "backend calls"

it "bearerd adopts a token that the original Python service wrote"
stop first
stop second
redis FLUSHALL >"$BB_DIR/flushed"
expect_status 200 "$ORIGINAL/token"
theirs=$(json token)
assert_match '^stub-2-' "$theirs" "token of the original"
start_bearerd -n third
expect_status 200 "$URL/token"
assert_eq "$theirs" "$(json token)" "token of bearerd"
assert_eq 2 "$(stub_calls)" "backend calls"

it "an adopted token is not handed out beyond its life in Redis"
assert_between 1500 1800 "$(json expires_in)" "expires_in"
