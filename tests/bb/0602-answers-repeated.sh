#!/bin/bash
# SPDX-License-Identifier: MIT
# A backend that repeats one token until that ends: when it says that nothing is
# left of it, it is dead, here and for who would take it from Redis.
. "$(dirname "$0")/lib.sh"

# again MEMBERS: the stand-in repeats the token with these from now on.
again() {
  stub_set "mode=ok" --data-binary "{\"access_token\":\"tok-1\"$1}"
}

status_now() {
  curl -s -o /dev/null -w '%{http_code}' --noproxy '*' -m 10 "$URL/token"
}

# shellcheck disable=SC2119 # no options
start_redis
# shellcheck disable=SC2119 # no options
start_stub

for over in '"expires_in":0' '"expires_in":-3' '"expires_at":1'; do
  it "a token of which nothing is left ends at once: $over"
  redis FLUSHALL >/dev/null
  again ',"expires_in":100'
  start_bearerd
  expect_status 200 "$URL/token"
  assert_between 80 90 "$(json expires_in)" "expires_in"
  again ",$over"
  ask_again
  await "[ \$(status_now) = 503 ]"
  assert_log bearerd 'the answer repeats the token and says that it has expired'
  assert_log bearerd 'the backend has ended generation 1'

  it "it is not taken back from Redis, nor served when nothing is said: $over"
  again ''
  calls=$(stub_calls)
  await "http '$URL/token'; [ \$STATUS != 503 ] || [ \$(stub_calls) -gt $((calls + 1)) ]" 20
  assert_eq 503 "$STATUS" "status"

  it "it is served again once a life is told: $over"
  again ',"expires_in":100'
  await "[ \$(status_now) = 200 ]" 15
  http "$URL/token"
  assert_between 80 90 "$(json expires_in)" "expires_in"
  stop bearerd
done

it "an answer that says nothing does not move the end"
redis FLUSHALL >/dev/null
again ',"expires_in":100'
start_bearerd
expect_status 200 "$URL/token"
again ''
ask_again
await "curl -s --noproxy '*' '$URL/token' -D - | grep -q 'ETag: \"2-'"
http "$URL/token"
assert_between 60 88 "$(json expires_in)" "expires_in"

it "what is kept back is of the whole life, however little is left"
again ',"expires_in":40'
ask_again
await "curl -s --noproxy '*' '$URL/token' -D - | grep -q 'ETag: \"3-'"
http "$URL/token"
assert_between 20 30 "$(json expires_in)" "expires_in"
stop bearerd

it "a token that lives for ever goes on without a gap"
redis FLUSHALL >/dev/null
again ''
start_bearerd --default-ttl=5s
end=$(($(now_ms) + 12000))
while [ "$(now_ms)" -lt "$end" ]; do
  [ "$(status_now)" = 200 ] || fail "a gap: $(tail -3 "$BB_DIR/bearerd.log")"
  sleep 0.2
done
stop bearerd

finish
