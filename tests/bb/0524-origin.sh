#!/bin/bash
# SPDX-License-Identifier: MIT
# A token belongs to its origin: a token of another backend is never served, one
# obtained with other credentials only until ours is there.
. "$(dirname "$0")/lib.sh"

# On a slow machine Redis is not to be stepped over.
PATIENT=--redis-timeout=30s
NOWHERE=http://127.0.0.1:1

# configure LINE...: the file that bearerd reads.
configure() {
  printf 'token token {\n' >"$BB_DIR/a.conf"
  printf '%s\n' "$@" >>"$BB_DIR/a.conf"
  printf '}\n' >>"$BB_DIR/a.conf"
}

# start NAME [ARGUMENT...]: with that file, in the same shared memory.
start() {
  local name=$1
  shift
  start_bearerd -n "$name" -l -u BASE_URL -u API_KEY "$PATIENT" \
    --config="$BB_DIR/a.conf" --wait-limit=1s --shm-name="$SHM" "$@"
}

# calls_of URL: how often that backend was asked.
calls_of() {
  STUB_URL=$1 stub_calls
}

# seen_until CONDITION: the tokens that were handed out until it is true.
seen_until() {
  local end=$(($(now_ms) + 15000 * BB_SLOW))
  until eval "$1" || [ "$(now_ms)" -ge "$end" ]; do
    token_now
  done | sort -u
}

# shellcheck disable=SC2119 # no options
start_redis
SHM=/bearerd-test-$$-origin
SHM_NAMES+=("$SHM")
start_stub -n a -l 600
a=$STUB_URL
start_stub -n b -l 600
b=$STUB_URL
# It takes any key.
spawn keyless "$BUILD/tests/bb/stub_backend" -P "$BB_DIR/keyless.port" -l 600
await "[ -s '$BB_DIR/keyless.port' ]"
keyless=http://127.0.0.1:$(cat "$BB_DIR/keyless.port")
key="api-key = $STUB_KEY"

it "after a restart with the same configuration the token is still there"
configure "base-url = $a" "$key"
start first
token=$(token_now)
stop first
start second
assert_eq "$token" "$(token_now)" "token"
assert_eq 1 "$(calls_of "$a")" "backend calls"
stop second

it "with another URL, field or header it is not served, from memory nor from Redis"
n=0
while IFS= read -r lines; do
  n=$((n + 1))
  eval "configure $lines"
  start "other$n"
  http "$URL/token"
  assert_eq 503 "$STATUS" "status with $lines"
  expect_status 503 "$ADMIN/readyz"
  assert_log "other$n" 'warning .*token token: the one in shared memory was obtained with another'
  assert_log "other$n" 'warning .*token token: the one in Redis was obtained with another'
  assert_eq "$token" "$(redis GET token)" "token in Redis"
  stop "other$n"
  configure "base-url = $a" "$key"
  start "back$n"
  assert_eq "$token" "$(token_now)" "token after $lines"
  stop "back$n"
done <<'EOF'
"base-url = $NOWHERE" "$key"
"base-url = $a" "path = /nothing" "$key"
"base-url = $a/sub" "path = /nothing" "$key"
"base-url = $a" "token-field = nothing" "$key"
"base-url = $a" "expiry-field = /nothing" "$key"
"base-url = $NOWHERE" "header = \"X-Token: %s\"" "$key"
EOF

it "nor after a reload: not one caller gets it"
configure "base-url = $a" "$key"
start reloads
assert_eq "$token" "$(token_now)" "token"
configure "base-url = $b" "$key"
before=$(children_of "$(pid_of reloads)" worker)
kill -s HUP "$(pid_of reloads)"
# the workers of before answer until the next ones are there
for worker in $before; do
  await "! kill -0 $worker 2>/dev/null" 15
done
seen=$(seen_until '[ "$(calls_of "$b")" -gt 0 ] && [ -n "$(token_now)" ]')
assert_no_match "$token" "$seen" "tokens after the reload"
await_redis token "$(token_now)"
assert_ne "$token" "$(token_now)" "token"
configure "base-url = $NOWHERE" "$key"
kill -s HUP "$(pid_of reloads)"
await "[ \$(grep -c 'configuration was reloaded' '$BB_DIR/reloads.log') = 2 ]"
expect_status 503 "$URL/token"
expect_status 503 "$ADMIN/readyz"
stop reloads

it "one got with another key serves, and is renewed at once"
redis FLUSHALL >/dev/null
configure "base-url = $keyless" "api-key = one"
start one
token=$(token_now)
stop one
STUB_URL=$keyless stub_set delay=1500
configure "base-url = $keyless" "api-key = two"
start two
assert_eq "$token" "$(token_now)" "token until then"
assert_log two 'warning .*token token: .* was obtained with other credentials'
await "[ \"\$(token_now)\" != '$token' ]"
assert_eq 2 "$(calls_of "$keyless")" "backend calls"
await_redis token "$(token_now)"
STUB_URL=$keyless stub_set delay=0

it "likewise after a reload, and when the new key is refused"
token=$(token_now)
configure "base-url = $keyless" "api-key = three"
kill -s HUP "$(pid_of two)"
await "[ -n \"\$(token_now)\" ] && [ \"\$(token_now)\" != '$token' ]"
assert_eq 3 "$(calls_of "$keyless")" "backend calls"
token=$(token_now)
STUB_URL=$keyless stub_set status=401
configure "base-url = $keyless" "api-key = four"
kill -s HUP "$(pid_of two)"
await "grep -q 'refuses our credentials' '$BB_DIR/two.log'"
assert_eq "$token" "$(token_now)" "token"
stop two
STUB_URL=$keyless stub_set mode=ok

# quarrel NAME-A NAME-B: two daemons, each with its own configuration and memory.
quarrel() {
  redis FLUSHALL >/dev/null
  configure "${A[@]}"
  start_bearerd -n "$1" -u BASE_URL -u API_KEY "$PATIENT" --config="$BB_DIR/a.conf"
  url_a=$URL token_a=$(token_now)
  configure "${B[@]}"
  start_bearerd -n "$2" -u BASE_URL -u API_KEY "$PATIENT" --config="$BB_DIR/a.conf"
  url_b=$URL
  await "[ -n \"\$(redis GET '{token}:generation')\" ]"
  await "[ \"\$(redis GET '{token}:generation')\" = 2 ]"
  token_b=$(token_now)
}

it "two backends on one key: each its own, and one write each"
A=("base-url = $a" "$key") B=("base-url = $b" "$key")
quarrel left right
assert_ne "$token_a" "$token_b" "token"
redis PUBLISH '{token}:rotated' '2 0123456789abcdef' >/dev/null
redis CLIENT KILL TYPE normal SKIPME yes >/dev/null
redis CLIENT KILL TYPE pubsub >/dev/null
await "[ \"\$(metric bearerd_redis_up)\" = 1 ]"
end=$(($(now_ms) + 3000))
await "[ \$(now_ms) -ge $end ]"
assert_eq "$token_a" "$(URL=$url_a token_now)" "token of the first"
assert_eq "$token_b" "$(URL=$url_b token_now)" "token of the second"
assert_eq "$token_b 2" "$(redis GET token) $(redis GET '{token}:generation')" "in Redis"

it "a token is reported as dead though Redis holds another configuration's"
http "$url_a/token"
expect_status 202 "$url_a/token" -X DELETE -H "If-Match: $(header ETag)"
await "[ \"\$(URL=$url_a token_now)\" != '$token_a' ]"
await_redis '{token}:generation' 3
assert_eq "$token_b" "$(URL=$url_b token_now)" "token of the second"

it "what Redis lost one of them writes again, and the other lets it be"
redis FLUSHALL >/dev/null
redis CLIENT KILL TYPE normal SKIPME yes >/dev/null
await "[ -n \"\$(redis GET token)\" ]"
token=$(redis GET token) generation=$(redis GET '{token}:generation')
end=$(($(now_ms) + 3000))
await "[ \$(now_ms) -ge $end ]"
assert_eq "$token $generation" \
  "$(redis GET token) $(redis GET '{token}:generation')" "in Redis"
stop left
stop right

it "two keys at one backend: the same"
A=("base-url = $keyless" "api-key = one") B=("base-url = $keyless" "api-key = two")
quarrel key1 key2
end=$(($(now_ms) + 3000))
await "[ \$(now_ms) -ge $end ]"
assert_eq "$token_a" "$(URL=$url_a token_now)" "token of the first"
assert_eq "$token_b" "$(URL=$url_b token_now)" "token of the second"
assert_eq "$token_b 2" "$(redis GET token) $(redis GET '{token}:generation')" "in Redis"
stop key1
stop key2

it "what an older version or the original service wrote is adopted"
configure "base-url = $a" "$key"
redis FLUSHALL >/dev/null
redis SETEX token 300 bare >/dev/null
start_bearerd -n bare -u BASE_URL -u API_KEY "$PATIENT" --config="$BB_DIR/a.conf"
assert_eq bare "$(token_now)" "token"
stop bare
redis HSET '{token}:meta' generation 7 expires_at_ms $(($(now_ms) + 600000)) \
  obtained_at_ms "$(now_ms)" fingerprint "$(printf bare | sha256sum | cut -c 1-16)" \
  instance old:1 >/dev/null
start_bearerd -n old -u BASE_URL -u API_KEY "$PATIENT" --config="$BB_DIR/a.conf"
assert_eq bare "$(token_now)" "token"
http "$URL/token"
assert_match '^"7-' "$(header ETag)" "tag"
stop old

finish
