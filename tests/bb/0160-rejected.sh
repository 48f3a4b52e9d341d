#!/bin/bash
# SPDX-License-Identifier: MIT
# Callers report that the backend refused a token: one report is accepted in
# the whole fleet, one call follows, and every replica has the newer token.
. "$(dirname "$0")/lib.sh"

# On a slow machine Redis is not to be stepped over.
PATIENT=--redis-timeout=30s

declare -A url_of admin_of

# start NAME [ARGUMENT...]: an instance, known by its name.
start() {
  start_bearerd "$PATIENT" -n "$@"
  url_of[$1]=$URL
  admin_of[$1]=$ADMIN
}

token_of() {
  URL=${url_of[$1]} token_now
}

# tag_of NAME: the entity tag of its token.
tag_of() {
  http "${url_of[$1]}/token"
  header ETag
}

# report NAME CURL-OPTION...: sets STATUS and HEADERS.
report() {
  http "${url_of[$1]}/token" -X DELETE "${@:2}"
}

# is_limited NAME CURL-OPTION...: it is, and for ten seconds at most.
is_limited() {
  report "$@"
  assert_eq 429 "$STATUS" "status at $1"
  assert_between 1 10 "$(header Retry-After)" "Retry-After"
}

start_redis -n redis
start_stub -l 600
start one
start two
start three
old=$(token_of one)
tag=$(tag_of one)

it "of reports to three replicas at once one is accepted"
from=$(now_ms)
for name in one two three; do
  how="If-Match: $tag"
  [ $name = two ] && how="Authorization: Bearer $old"
  curl -sS --noproxy '*' -m 20 -o "$BB_DIR/$name.body" -D "$BB_DIR/$name.head" \
    -X DELETE -H "$how" "${url_of[$name]}/token" &
  waits+=($!)
done
wait "${waits[@]}"
statuses=$(sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$BB_DIR"/*.head | sort | xargs)
assert_match '^202 (412|429) (412|429)$' "$statuses" "statuses"
for name in one two three; do
  ! grep -q ' 429 ' "$BB_DIR/$name.head" ||
    grep -q -i -E '^Retry-After: ([1-9]|10)' "$BB_DIR/$name.head" ||
    fail "429 of $name without a Retry-After of 1 to 10 s"
done

it "one backend call follows, and all replicas have the new token"
await "[ \$(stub_calls) -eq 2 ]"
await "[ \"\$(redis GET token)\" != '$old' ]"
new=$(redis GET token)
for name in one two three; do
  await "[ \"\$(token_of $name)\" = '$new' ]"
done
assert_eq 2 "$(stub_calls)" "backend calls"

it "the new token can be reported by nobody for ten seconds"
tag=$(tag_of one)
for name in one two three; do
  is_limited $name -H "If-Match: $tag"
  is_limited $name -H "Authorization: Bearer $new"
done
assert_between 1 10000 "$(redis PTTL '{token}:rejected')" "PTTL"
assert_eq 2 "$(stub_calls)" "backend calls"

it "a report of the old token is stale at each"
for name in one two three; do
  report $name -H "Authorization: Bearer $old"
  assert_eq 412 "$STATUS" "status at $name"
done

it "what was reported and how it ended is counted"
for result in accepted:1 stale limited; do
  sum=0
  for name in one two three; do
    sum=$((sum + $(metric "bearerd_rejected_total{token=\"token\",result=\"${result%:*}\"}" "${admin_of[$name]}")))
  done
  if [ $result = accepted:1 ]; then
    assert_eq 1 $sum accepted
  else
    assert_between 3 8 $sum $result
  fi
done

it "at the end of the ten seconds the next report is accepted"
await "report two -H 'If-Match: $tag'; [ \$STATUS = 202 ]" 15
[ $(($(now_ms) - from)) -ge 10000 ] || fail "it was accepted too early"
await "[ \$(stub_calls) -eq 3 ]"
await "[ \"\$(token_of one)\" = \"\$(redis GET token)\" ]"

it "a replica that has missed a newer token says 412, and takes it over"
redis ACL SETUSER deaf on '>pw' '~*' resetchannels +@all >/dev/null
start deaf REDIS_PW=pw --redis-user=deaf
kill -s USR1 "$(pid_of one)"
await "[ \$(redis GET '{token}:generation') = 4 ]"
assert_ne "$(redis GET token)" "$(token_of deaf)" "token"
report deaf -H "If-Match: $(tag_of deaf)"
assert_eq 412 "$STATUS" "status"
await "[ \"\$(token_of deaf)\" = \"\$(redis GET token)\" ]" 5
assert_eq 4 "$(stub_calls)" "backend calls"

it "an exclusive token is not called for while Redis is away"
stop two
stop three
stop deaf
start exclusive --exclusive=yes
stop redis
kept=$(token_of exclusive)
calls=$(stub_calls)
await "[ \"\$(metric bearerd_redis_up)\" = 0 ]"
report exclusive -H "If-Match: $(tag_of exclusive)"
assert_eq 429 "$STATUS" "status"
assert_between 1 10 "$(header Retry-After)" "Retry-After"
assert_eq "$kept" "$(token_of exclusive)" "token"
assert_eq "$calls" "$(stub_calls)" "backend calls"

it "another is, by each host for itself"
await "[ \"\$(metric bearerd_redis_up '${admin_of[one]}')\" = 0 ]"
report one -H "Authorization: Bearer $(token_of one)"
assert_eq 202 "$STATUS" "status at one"
await "[ \$(stub_calls) -eq $((calls + 1)) ]"
start alone -u REDIS_HOST
old=$(token_of alone)
report alone -H "If-Match: $(tag_of alone)"
assert_eq 202 "$STATUS" "status at alone"
await "[ \"\$(token_of alone)\" != '$old' ]"
is_limited alone -H "If-Match: $(tag_of alone)"
assert_eq $((calls + 3)) "$(stub_calls)" "backend calls"

finish
