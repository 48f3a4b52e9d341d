#!/bin/bash
# SPDX-License-Identifier: MIT
# Numbers that others write into Redis: lives are never longer than max-ttl, and
# generations count on as far as 18 digits go.
# needs: jq
. "$(dirname "$0")/lib.sh"

# On a slow machine Redis is not to be stepped over.
PATIENT=--redis-timeout=30s
TEN_YEARS=315360000000

# adopt_with META-EXPIRES META-OBTAINED PX: a token stands in Redis when bearerd
# starts, with meta data unless they are "-".
adopt_with() {
  redis FLUSHALL >/dev/null
  redis SET token the-token PX "$3" >/dev/null
  [ "$1" = - ] || redis HSET '{token}:meta' generation 7 expires_at_ms "$1" \
    obtained_at_ms "$2" fingerprint \
    "$(printf the-token | sha256sum | cut -c 1-16)" >/dev/null
  INSTANCE=$((${INSTANCE:-0} + 1))
  start_bearerd "$PATIENT" -n "adopts$INSTANCE" --max-ttl=60s --default-ttl=50s
}

# is_bounded: what /token says is JSON and within max-ttl.
is_bounded() {
  expect_status 200 "$URL/token"
  assert_eq true "$(jq '.expires_in > 0 and .expires_in <= 60 and
    .refresh_in > 0 and .refresh_in <= 60' <<<"$BODY" 2>&1)" "lives in $BODY"
  expires=$(metric 'bearerd_token_expiry_timestamp_seconds{token="token"}')
  assert_between 0 61 $((${expires%.*} - $(date +%s))) "seconds to the expiry"
}

# shellcheck disable=SC2119 # no options
start_redis
start_stub -l 600

it "max-ttl holds for a token in Redis that somebody else wrote"
for px in 100000 $TEN_YEARS 9000000000000000 9200000000000000000; do
  adopt_with - - "$px"
  is_bounded
  assert_eq the-token "$(json token)" "token"
  stop "adopts$INSTANCE"
done
assert_eq 0 "$(stub_calls)" "backend calls"

it "and for one of a replica with a longer max-ttl"
now=$(now_ms)
adopt_with $((now + TEN_YEARS)) $((now - 1000)) $((TEN_YEARS - 30000))
is_bounded
assert_eq the-token "$(json token)" "token"
stop "adopts$INSTANCE"

it "and for one whose meta data say nonsense"
for life in 9223372036854775807:1 99999999999999999999:1 1:9223372036854775807 \
  -5:-9 9007199254740993:9007199254740991; do
  adopt_with "${life%:*}" "${life#*:}" $TEN_YEARS
  is_bounded
  stop "adopts$INSTANCE"
done

it "one that is older than max-ttl is renewed"
now=$(now_ms)
adopt_with $((now + TEN_YEARS)) $((now - 100000)) $((TEN_YEARS - 30000))
is_bounded
assert_ne the-token "$(json token)" "token"
stop "adopts$INSTANCE"

it "generations count on from whatever can be one"
for generation in 999999999999999 9007199254740991 9007199254740993 \
  123456789012345678; do
  redis FLUSHALL >/dev/null
  redis SET '{token}:generation' "$generation" >/dev/null
  INSTANCE=$((INSTANCE + 1))
  start_bearerd "$PATIENT" -n "counts$INSTANCE"
  await_redis '{token}:generation' $((generation + 1))
  assert_eq $((generation + 1)) "$(redis HGET '{token}:meta' generation)" "in meta"
  http "$URL/token"
  assert_match "^\"$((generation + 1))-" "$(header ETag)" "tag"
  kill -s USR1 "$(pid_of "counts$INSTANCE")"
  await "[ \"\$(redis GET '{token}:generation')\" = $((generation + 2)) ]"
  expect_status 412 "$URL/token" -X DELETE -H "If-Match: $(header ETag)"
  stop "counts$INSTANCE"
done

it "and the fence holds for those that a double cannot tell apart"
for generation in 9007199254740992 123456789012345678; do
  redis FLUSHALL >/dev/null
  redis SET '{token}:generation' $((generation - 1)) >/dev/null
  INSTANCE=$((INSTANCE + 1))
  start_bearerd "$PATIENT" -n "fenced$INSTANCE" --timeout=3s
  assert_eq "$generation" "$(redis GET '{token}:generation')" "generation"
  before=$(redis GET token)
  stub_set delay=1000
  kill -s USR1 "$(pid_of "fenced$INSTANCE")"
  await "[ \$(stub_get concurrent) -eq 1 ]"
  stub_set delay=0
  redis SET '{token}:generation' $((generation + 1)) >/dev/null
  await "grep -q 'another replica was faster' '$BB_DIR/fenced$INSTANCE.log'"
  assert_eq "$before" "$(redis GET token)" "token"
  assert_eq $((generation + 1)) "$(redis GET '{token}:generation')" "generation"
  stop "fenced$INSTANCE"
done

finish
