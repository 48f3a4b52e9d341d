#!/bin/bash
# SPDX-License-Identifier: MIT
# Whatever Redis or a Sentinel says, tokens are renewed from the backend, and
# the refresher neither dies nor stalls.
. "$(dirname "$0")/lib.sh"

# say WHERE HOW TEXT: what the hostile server says from now on.
say() {
  printf '%s\n' "$*" >"$BB_DIR/order.new"
  mv "$BB_DIR/order.new" "$BB_DIR/order"
}

# renews: a renewal that is asked for now brings a new token.
renews() {
  local before
  before=$(token_now)
  kill -s USR1 "$(pid_of bearerd)"
  await "[ \"\$(token_now)\" != '$before' ]" 20 || fail "while it said: $*"
}

# survives TABLE: for each line that is said the token is renewed.
survives() {
  local line
  while IFS= read -r line; do
    say "$line"
    renews "$line"
  done <<<"$1"
  assert_eq 0 "$(metric 'bearerd_process_restarts_total{role="refresher"}')" "restarts"
  assert_no_match 'does not respond| died: ' "$(cat "$BB_DIR/bearerd.log")" "log"
  most=$(awk '/^VmHWM/ { print $2 }' "/proc/$(children_of "$(pid_of bearerd)" refresher)/status")
  # a sanitizer keeps freed memory
  [ -n "${ASAN_OPTIONS:-}$BEARERD_WRAP" ] ||
    assert_between 1 100000 "$most" "KiB of the refresher at most"
}

start_stub -l 600
port=$(free_port)
say none keep -
spawn hostile /usr/bin/python3 "$BB_SOURCE/hostile_redis.py" "$port" "$BB_DIR/order"
await "(exec 3<>/dev/tcp/127.0.0.1/$port)"
start_bearerd REDIS_HOST=127.0.0.1 BEARERD_REDIS_PORT="$port"

it "announced sizes are not believed"
survives 'script close *2147483647\r\n
script keep *2147483647\r\n
script keep *4294967295\r\n:1\r\n
script close *-7\r\n
script keep *7\r\n*2147483647\r\n
script close *1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n
script close $2147483647\r\n
script close $262145\r\n<x*262145>\r\n
script keep *7\r\n$9223372036854775807\r\n
script close %1000000000\r\n
script close ~2147483647\r\n'

it "nor answers that are none, or too many"
survives 'script close HTTP/1.1 400 Bad Request\r\n\r\n
script close \x00\x00\x00\x00
script keep +OK\r\n+OK\r\n+OK\r\n
script close -<E*300000>\r\n
script flood *7\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n
script flood +<x*100>
script keep *0\r\n
script keep *7\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n'

it "nor numbers that cannot be"
survives 'script keep *7\r\n$3\r\nabc\r\n:9223372036854775807\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n
script keep *7\r\n$-1\r\n:-9223372036854775808\r\n$19\r\n9223372036854775807\r\n$-1\r\n:1\r\n:1\r\n:9223372036854775807\r\n
script keep *12\r\n:-1\r\n:9223372036854775807\r\n$-1\r\n:-9223372036854775808\r\n:-9223372036854775808\r\n$-1\r\n:-2\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n
script keep *12\r\n:2\r\n:9223372036854775807\r\n$-1\r\n:1\r\n:1\r\n$-1\r\n:-2\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n'

it "nor where it sends us"
survives 'script keep -MOVED 1 127.0.0.1:PORT\r\n
script keep -ASK 1 127.0.0.1:PORT\r\n
script keep -MOVED 99999999999999999999 /etc/passwd:1\r\n
script keep -MOVED 1 <h*300000>:1\r\n
script keep -MOVED 1 a\x1b[31m:1\r\n
script keep -MOVED 1 127.0.0.1:99999999999\r\n
script keep -MOVED \r\n
script keep -NOSCRIPT \r\n
script keep -READONLY\r\n
script keep -CLUSTERDOWN\r\n
script keep -NOPERM\r\n'

it "nor what is published"
survives 'push keep *3\r\n$7\r\nmessage\r\n$15\r\n{token}:rotated\r\n$39\r\n9999999999999999999999 0123456789abcdef\r\n
push flood *3\r\n$7\r\nmessage\r\n$15\r\n{token}:rotated\r\n$18\r\n9 0123456789abcdef\r\n
push flood *3\r\n$7\r\nmessage\r\n$-1\r\n$-1\r\n
push close *2147483647\r\n
push keep *3\r\n$7\r\nmessage\r\n$2147483647\r\n
subscribe close *2147483647\r\n
subscribe flood *3\r\n$-1\r\n$-1\r\n$-1\r\n'

it "nor how it lets us in"
survives 'ping close *2147483647\r\n
ping keep $-9\r\n
ping flood +PONG\r\n
ping close -NOAUTH <x*1000>\r\n'
stop bearerd

it "nor whom a Sentinel names"
say none keep -
start_bearerd -u REDIS_HOST -u BEARERD_REDIS_PORT \
  --redis-sentinels="127.0.0.1:$port" --redis-sentinel-master=main
survives 'sentinel close *2147483647\r\n
sentinel keep *2\r\n$-1\r\n$-1\r\n
sentinel keep *2\r\n$0\r\n\r\n$1\r\n1\r\n
sentinel keep *2\r\n$11\r\n/etc/passwd\r\n$1\r\n1\r\n
sentinel keep *2\r\n$300\r\n<h*300>\r\n$1\r\n1\r\n
sentinel keep *2\r\n$9\r\n127.0.0.1\r\n$20\r\n99999999999999999999\r\n
sentinel keep *2\r\n$9\r\n127.0.0.1\r\n$2147483647\r\n
push flood *3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n$1\r\nx\r\n
push close *2147483647\r\n'

it "a server that refuses every script is none to rely on"
say none keep -
renews none
assert_eq 0 "$(metric bearerd_redis_up)" "bearerd_redis_up"

finish
