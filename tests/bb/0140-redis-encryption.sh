#!/bin/bash
# SPDX-License-Identifier: MIT
# Tokens that are encrypted in Redis: nobody reads them there, replicas share
# them all the same, and keys are replaced while they run.
. "$(dirname "$0")/lib.sh"

OLD="k1 $(printf '11%.0s' {1..32})" NEW="k2 $(printf '22%.0s' {1..32})"
OTHER="k1 $(printf '33%.0s' {1..32})"
TOKEN='stub-[0-9]+-[0-9a-f]{16}'
one_url='' one_admin='' two_url='' two_admin='' three_url=''

# write_keys NAME LINE...: a file of keys, replaced in one step.
write_keys() {
  local name=$1
  shift
  (umask 077 && printf '%s\n' "$@" >"$BB_DIR/$name.new")
  mv "$BB_DIR/$name.new" "$BB_DIR/$name"
}

# start_sealing NAME [KEYS=keys] [OPTION...]: an instance; sets NAME_URL and
# NAME_ADMIN.
start_sealing() {
  local name=$1 keys=${2:-keys}
  shift $(($# > 1 ? 2 : 1))
  start_bearerd -n "$name" --redis-key-file="$BB_DIR/$keys" "$@"
  eval "${name}_url=\$URL ${name}_admin=\$ADMIN"
}

# refused REASON ADMIN-URL: how many values an instance has refused for it.
refused() {
  metric "bearerd_redis_values_refused_total{reason=\"$1\"}" "$2"
}

# token_at URL
token_at() {
  URL=$1 token_now
}

# renew NAME URL: have it get a newer token, and wait for that.
renew() {
  local before
  before=$(token_at "$2")
  kill -s USR1 "$(pid_of "$1")"
  await "after=\$(token_at '$2') && [ -n \"\$after\" ] &&
    [ \"\$after\" != '$before' ]"
}

start_redis --slowlog-log-slower-than 0 --slowlog-max-len 10000 \
  --rdbcompression no
start_stub -l 3600
write_keys keys "$OLD"

it "two instances share one encrypted token, with one call of the backend"
start_sealing one
start_sealing two
token=$(token_at "$one_url")
assert_match "^$TOKEN\$" "$token" "token"
assert_eq "$token" "$(token_at "$two_url")" "token of the second"
assert_eq 1 "$(stub_calls)" "backend calls"
http "$two_url/token"
assert_between 3500 3570 "$(json expires_in)" "expires_in"
assert_match '^"1-' "$(header ETag)" "ETag"
assert_eq "" "$(metric 'bearerd_redis_values_refused_total' "$two_admin")" "a series without a reason"
for reason in plain unknown_key bad_tag no_key; do
  assert_eq 0 "$(refused "$reason" "$two_admin")" "refused: $reason"
done

it "neither the value, a dump nor what Redis was sent has the token in it"
value=$(redis GET token)
assert_match '^bearerd1\.k1\.[A-Za-z0-9_-]{60,}$' "$value" "value"
assert_eq OK "$(redis SAVE)" "SAVE"
assert_eq 1 "$(grep -c -a -F "$value" "$BB_DIR/dump.rdb")" "the value in the dump"
assert_eq 0 "$(grep -c -a -E "$TOKEN" "$BB_DIR/dump.rdb")" "tokens in the dump"
assert_match 'bearerd1\.k1' "$(redis SLOWLOG GET 10000)" "what Redis was sent"
assert_no_match "$TOKEN" "$(redis SLOWLOG GET 10000)" "what Redis was sent"
# that such a search would find one
redis SET probe "$token" >/dev/null && redis SAVE >/dev/null
assert_eq 1 "$(grep -c -a -E "$TOKEN" "$BB_DIR/dump.rdb")" "the probe in the dump"
assert_match "$TOKEN" "$(redis SLOWLOG GET 10000)" "the probe"
redis DEL probe >/dev/null

it "a token that Redis has lost is written again, encrypted"
redis FLUSHALL >/dev/null
redis CLIENT KILL TYPE normal SKIPME yes >/dev/null
await '[ -n "$(redis GET token)" ]'
assert_match '^bearerd1\.k1\.' "$(redis GET token)" "value"
assert_ne "$value" "$(redis GET token)" "value"
assert_eq 1 "$(stub_calls)" "backend calls"

it "the second instance takes a newer token over at once"
renew one "$one_url"
await '[ "$(token_at "$two_url")" = "$(token_at "$one_url")" ]'
assert_eq 2 "$(stub_calls)" "backend calls"

it "with a new key as the second, all go on with the old one"
write_keys keys "$OLD" "$NEW"
renew one "$one_url"
await '[ "$(token_at "$two_url")" = "$(token_at "$one_url")" ]'
assert_match '^bearerd1\.k1\.' "$(redis GET token)" "value"

it "with the new key as the first, it is used, and what is old is still read"
write_keys keys "$NEW" "$OLD"
start_sealing three
assert_eq "$(token_at "$one_url")" "$(token_at "$three_url")" "token"
assert_eq 3 "$(stub_calls)" "backend calls"
renew two "$two_url"
await '[ "$(token_at "$one_url")" = "$(token_at "$two_url")" ]'
await '[ "$(token_at "$three_url")" = "$(token_at "$two_url")" ]'
assert_match '^bearerd1\.k2\.' "$(redis GET token)" "value"

it "without the old key all goes on"
write_keys keys "$NEW"
renew one "$one_url"
await '[ "$(token_at "$two_url")" = "$(token_at "$one_url")" ]'
assert_eq 5 "$(stub_calls)" "backend calls"
for reason in plain unknown_key bad_tag no_key; do
  assert_eq 0 "$(refused "$reason" "$two_admin")" "refused: $reason"
done
stop three

it "a file that cannot be read leaves tokens in service and Redis as it is"
value=$(redis GET token) before=$(token_at "$one_url")
mv "$BB_DIR/keys" "$BB_DIR/keys.away"
renew one "$one_url"
assert_match "^$TOKEN\$" "$(token_at "$one_url")" "token"
assert_eq "$value" "$(redis GET token)" "value"
assert_eq "" "$(redis GET '{token}:lock')" "lock"
assert_log one "redis-key-file: $BB_DIR/keys: No such file or directory; no token is"
assert_between 1 9 "$(refused no_key "$one_admin")" "refused: no_key"

it "nor does a Redis that returns make it try again and again"
redis CLIENT KILL TYPE normal >/dev/null
await '[ "$(refused no_key "$one_admin")" -ge 3 ]'
sleep 1 # for what must not be
assert_between 3 20 "$(refused no_key "$one_admin")" "refused: no_key"
mv "$BB_DIR/keys.away" "$BB_DIR/keys"
renew one "$one_url"
await '[ "$(token_at "$two_url")" = "$(token_at "$one_url")" ]'

it "an instance with another key of the same name serves a token of its own"
stop two
write_keys keys "$OLD"
renew one "$one_url"
write_keys other "$OTHER"
start_sealing two other
assert_match "^$TOKEN\$" "$(token_at "$two_url")" "token"
assert_ne "$(token_at "$one_url")" "$(token_at "$two_url")" "token"
assert_between 1 9 "$(refused bad_tag "$two_admin")" "refused: bad_tag"
assert_log two "the value of token cannot be decrypted: .*; ignored"
await '[ "$(refused bad_tag "$one_admin")" -ge 1 ]'
stop two

it "an instance with a key of another name does, too"
write_keys other "k9 ${OTHER#* }"
start_sealing two other
assert_ne "$(token_at "$one_url")" "$(token_at "$two_url")" "token"
assert_between 1 9 "$(refused unknown_key "$two_admin")" "refused: unknown_key"
assert_log two "a key that redis-key-file does not have: k1; ignored"
assert_eq 0 "$(metric 'bearerd_process_restarts_total{role="refresher"}' "$two_admin")" "restarts"
stop two

it "an instance without keys never hands an encrypted value out"
renew one "$one_url"
assert_match '^bearerd1\.k1\.' "$(redis GET token)" "value"
start_bearerd -n bare
assert_match "^$TOKEN\$" "$(token_now)" "token"
assert_ne "$(token_at "$one_url")" "$(token_now)" "token"
assert_between 1 9 "$(refused no_key "$ADMIN")" "refused: no_key"
assert_log bare "is encrypted, and no key is configured; see redis-key-file; ignored"
assert_match "^$TOKEN\$" "$(redis GET token)" "value"

it "a plain value is refused, and written over"
before=$(refused plain "$one_admin") calls=$(stub_calls)
renew one "$one_url"
assert_eq $((calls + 1)) "$(stub_calls)" "backend calls"
assert_between $((before + 1)) $((before + 9)) "$(refused plain "$one_admin")" "refused: plain"
assert_log one "the value of token is not encrypted, and redis-accept-plain is not set; ignored"
assert_match '^bearerd1\.k1\.' "$(redis GET token)" "value"
stop one

it "a plain value is read with redis-accept-plain"
kill -s USR1 "$(pid_of bare)"
await '[[ "$(redis GET token)" =~ ^stub ]]'
calls=$(stub_calls)
start_sealing one keys --redis-accept-plain=yes
await '[ "$(token_at "$one_url")" = "$(redis GET token)" ]'
assert_eq "$calls" "$(stub_calls)" "backend calls"
assert_eq 0 "$(refused plain "$one_admin")" "refused: plain"
renew one "$one_url"
assert_match '^bearerd1\.k1\.' "$(redis GET token)" "value"
stop one
stop bare

it "a value that is damaged, or whose meta data are, is a miss"
for damage in 'APPEND token x' 'SETRANGE token 40 ....' 'DEL {token}:meta' \
  'HINCRBY {token}:meta generation 7' 'HDEL {token}:meta generation' \
  'HSET {token}:meta fingerprint 0123456789abcdef' \
  'SET token bearerd1.k1. KEEPTTL' 'SET token bearerd1. KEEPTTL' \
  'SET token bearerd2.k1.AAAA KEEPTTL'; do
  redis FLUSHALL >/dev/null
  start_sealing one
  stop one
  calls=$(stub_calls)
  # shellcheck disable=SC2086 # words of a command
  redis $damage >/dev/null
  start_sealing one
  assert_match "^$TOKEN\$" "$(token_at "$one_url")" "token after $damage"
  assert_eq $((calls + 1)) "$(stub_calls)" "backend calls after $damage"
  assert_between 1 9 "$(refused bad_tag "$one_admin")" "bad_tag after $damage"
  stop one
done

# copy FROM TO: a value and its meta data, with a TTL of their own.
copy() {
  local copied
  # and compared there, before anybody mends it
  copied=$(redis EVAL 'local same=1 for i=1,2 do
    redis.call("RESTORE",KEYS[i+2],3000000,redis.call("DUMP",KEYS[i]),"REPLACE")
    if redis.call("DUMP",KEYS[i])~=redis.call("DUMP",KEYS[i+2]) then same=0 end
    end return same' \
    4 "$1" "{$1}:meta" "$2" "{$2}:meta")
  assert_eq 1 "$copied" "values and meta data are the same"
}

it "an older value put back does not displace a newer token"
redis FLUSHALL >/dev/null
start_sealing one
copy token older
renew one "$one_url"
await '[ "$(redis GET "{token}:generation")" = 2 ]'
token=$(token_at "$one_url")
copy older token
before=$(redis_cmds)
redis PUBLISH '{token}:rotated' '2 0123456789abcdef' >/dev/null
await '[ "$(redis_cmds)" -ge $((before + 5)) ]'
assert_eq "$token" "$(token_at "$one_url")" "token"
assert_eq 0 "$(refused bad_tag "$one_admin")" "refused: bad_tag"
assert_no_match "adopted generation" "$(tac "$BB_DIR/one.log" | sed '/obtained generation 2 /q')" "log"
stop one

it "a value that is copied to another token's key does not open there"
redis FLUSHALL >/dev/null
cat >"$BB_DIR/two.conf" <<'E'
token first { }
token second { }
E
start_bearerd -n pair --config="$BB_DIR/two.conf" \
  --redis-key-file="$BB_DIR/keys"
stop pair
copy first second
calls=$(stub_calls)
start_bearerd -n pair --config="$BB_DIR/two.conf" \
  --redis-key-file="$BB_DIR/keys"
http "$URL/tokens/first" && first=$(json token)
http "$URL/tokens/second" && second=$(json token)
assert_match "^$TOKEN\$" "$second" "second token"
assert_ne "$first" "$second" "tokens"
assert_eq $((calls + 1)) "$(stub_calls)" "backend calls"
assert_between 1 9 "$(refused bad_tag "$ADMIN")" "refused: bad_tag"
stop pair

# tested: bearerd --test with the file of keys; sets STATUS and OUTPUT.
tested() {
  OUTPUT=$(env -i PATH="$PATH" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} \
    BASE_URL="$STUB_URL" API_KEY=k REDIS_HOST=127.0.0.1 \
    "$BEARERD" --test --redis-key-file="$BB_DIR/keys" 2>&1)
  STATUS=$?
}

it "a damaged file is told by file and line, at the start and by --test"
write_keys keys '# comment' "$OLD" "k2 ${NEW#* }0"
tested
assert_eq 2 "$STATUS" "exit status"
assert_eq "--redis-key-file: $BB_DIR/keys:3: the key has 65 characters; it must have exactly 64 hexadecimal digits" "$OUTPUT" "message"
start_bearerd -n broken -x --redis-key-file="$BB_DIR/keys"
reap "$(pid_of broken)" 10
assert_eq 2 "$EXIT_STATUS" "exit status"
assert_no_match '2222' "$(cat "$BB_DIR/broken.log")" "log"
write_keys keys "$OLD"
chmod 0604 "$BB_DIR/keys"
tested
assert_eq 2 "$STATUS" "exit status"
assert_match "keys: every user may access it \(mode 0604\)" "$OUTPUT" "message"

it "--test shows the file's name and not what is in it"
write_keys keys "$OLD"
tested
assert_eq 0 "$STATUS" "exit status"
assert_match "redis-key-file = \"$BB_DIR/keys\"" "$OUTPUT" "configuration"
assert_no_match '1111' "$OUTPUT" "configuration"

it "no log has a key or a token in it"
assert_no_match "11111111|22222222|33333333|$TOKEN" "$(cat "$BB_DIR"/*.log)" "logs"

finish
