#!/bin/bash
# SPDX-License-Identifier: MIT
# Redis as people run it: a user with the least rights, a Unix socket, a server
# that has forgotten its scripts.
# needs: mandoc bsdextrautils
. "$(dirname "$0")/lib.sh"

# acl_lines: the rule of the manual page, for the password s3cret.
acl_lines() {
  mandoc -T ascii "$BB_SOURCE/../../man/bearerd-fleet.7" | col -b |
    sed -n '/user bearerd on >PASSWORD/,/^$/{ s/PASSWORD/s3cret/; /./p; }'
}

start_redis --unixsocket "$BB_DIR/redis.sock" --unixsocketperm 700
start_stub -l 600

it "the manual page's ACL line is one"
read -r -a rule <<<"$(acl_lines | xargs)"
assert_eq "user bearerd on" "${rule[*]:0:3}" "rule"
assert_eq OK "$(redis ACL SETUSER "${rule[@]:1}")" "ACL SETUSER"
redis ACL LOG RESET >/dev/null

it "with exactly these rights a token is shared, renewed, reported and written again"
start_bearerd -n one REDIS_PW=s3cret --redis-user=bearerd \
  --max-calls-per-hour=100 --redis-timeout=30s
one=$URL admin=$ADMIN
start_bearerd -n two REDIS_PW=s3cret --redis-user=bearerd \
  --max-calls-per-hour=100 --redis-timeout=30s
token=$(token_now)
await_redis token "$token"
assert_eq 1 "$(redis LLEN '{token}:calls')" "calls noted"
assert_eq 99 "$(metric "bearerd_backend_calls_left{token=\"token\"}" "$admin")" "calls left"
http "$URL/token"
tag=$(header ETag)
expect_status 202 "$URL/token" -X DELETE -H "If-Match: $tag"
await "[ \"\$(token_now)\" != '$token' ]"
token=$(token_now)
await "[ \"\$(URL=$one token_now)\" = '$token' ]"
await_redis token "$token"
redis FLUSHALL >/dev/null
redis CLIENT KILL TYPE normal SKIPME yes >/dev/null
await "[ \"\$(redis GET token)\" = '$token' ]" 5
assert_eq 2 "$(stub_calls)" "backend calls"

it "and nothing was tried that they do not allow"
assert_eq "" "$(redis ACL LOG)" "ACL LOG"

it "the rule's last line is for max-calls-per-hour alone"
read -r -a rule <<<"$(acl_lines | sed '$d' | xargs)"
redis ACL SETUSER unlimited "${rule[@]:2}" >/dev/null
two=$URL
start_bearerd -n unlimited REDIS_PW=s3cret --redis-user=unlimited \
  --redis-timeout=30s
token=$(token_now)
kill -s USR1 "$(pid_of unlimited)"
await "[ \"\$(token_now)\" != '$token' ]"
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]"
assert_eq "" "$(redis ACL LOG)" "ACL LOG"
stop unlimited
URL=$two calls=$(stub_calls)

it "a server that has lost its scripts gets them again"
redis SCRIPT FLUSH >/dev/null
kill -s USR1 "$(pid_of two)"
await "[ \$(stub_calls) -eq $((calls + 1)) ]"
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]"
assert_no_match NOSCRIPT "$(cat "$BB_DIR/two.log")" "log"
stop one
stop two

it "a Unix socket is a way to Redis"
start_bearerd -n local REDIS_HOST="$BB_DIR/redis.sock" --redis-timeout=30s
await_redis token "$(token_now)"
assert_eq $((calls + 1)) "$(stub_calls)" "backend calls"

finish
