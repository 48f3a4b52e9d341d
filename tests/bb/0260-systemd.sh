#!/bin/bash
# SPDX-License-Identifier: MIT
# Messages between bearerd and a service manager; tests/system has the real
# one.
# needs: python3
# shellcheck disable=SC2317 # await evaluates the functions
. "$(dirname "$0")/lib.sh"

# told REGEX: the manager has got a message with such a line.
told() {
  grep -q -E "^[0-9]+ .*$1" "$BB_DIR/manager.log"
}

# master: the pid that was started last.
master() {
  sed -n 's/^[0-9]* started //p' "$BB_DIR/manager.log" | tail -n 1
}

# When the watchdog was fed last, and now, on the manager's clock.
fed_at() {
  sed -n 's/ WATCHDOG=1$//p' "$BB_DIR/manager.log" | tail -n 1
}

awake_ms() {
  python3 -c 'import time; print(int(time.monotonic() * 1000))'
}

# shellcheck disable=SC2119 # no options
start_redis
start_stub -l 600
dead=$(free_port)
cat >"$BB_DIR/bearerd.conf" <<CONF
redis-host = 127.0.0.1
redis-port = $REDIS_PORT
api-key = $STUB_KEY
token one {
	base-url = $STUB_URL
}
token two {
	base-url = http://127.0.0.1:$dead
}
CONF
shm=/bearerd-test-$$-manager
SHM_NAMES+=("$shm")
port=$(free_port) admin_port=$(free_port)
URL=http://127.0.0.1:$port ADMIN=http://127.0.0.1:$admin_port
spawn manager env -i PATH="$PATH" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} \
  "$BB_SOURCE/manager.py" "$BB_DIR" "$shm" "$port" "$admin_port" \
  "$BEARERD" -c "$BB_DIR/bearerd.conf" --shm-name="$shm" --workers=2 \
  --listen=127.0.0.1:1 --admin-listen=127.0.0.1:2

it "sockets that are passed serve what they are called"
await "curl -sf --noproxy '*' -o '$BB_DIR/out' '$URL/tokens/one'" 15
expect_status 200 "$ADMIN/healthz"
expect_status 404 "$ADMIN/tokens/one"
expect_status 404 "$URL/readyz"

it "systemd is told that it is ready, and how the tokens are"
await "told 'READY=1 MAINPID=$(master)\$'"
await "told 'STATUS=serving 2 tokens: 1 fresh, 1 empty\$'"

it "the status line changes when a token does"
sed -i "s/:$dead/:$STUB_PORT/" "$BB_DIR/bearerd.conf"
kill -s HUP "$(master)"
await "told 'STATUS=serving 2 tokens: 2 fresh\$'"
assert_eq 1 "$(grep -c 'RELOADING=1' "$BB_DIR/manager.log")" "reloads told"

it "a master that is killed has its tokens from what systemd kept"
token=$(json token "$(curl -s --noproxy '*' "$URL/tokens/one")")
calls=$(stub_calls)
redis FLUSHALL >/dev/null
first=$(master)
await "told 'kept, read-only'"
kill -s KILL "$first"
await "[ \$(master) != $first ] && told \"READY=1 MAINPID=\$(master)\"" 15
assert_eq "$token" "$(json token "$(curl -s --noproxy '*' "$URL/tokens/one")")" \
  "token"
assert_eq "$calls" "$(stub_calls)" "backend calls"
assert_log manager 'took over 2 valid tokens'

it "without a refresher that lives the watchdog is not fed"
: >"$BB_DIR/no-refresher"
await "[ \$((\$(awake_ms) - \$(fed_at))) -gt 3000 ]" 30
assert_match 'refresher [0-9]+ died' "$(tail -n 1 "$BB_DIR/manager.log")" "log"
expect_status 200 "$URL/tokens/one"

it "it is fed again when there is one"
rm "$BB_DIR/no-refresher"
before=$(fed_at)
await "[ \$(fed_at) -gt $before ]" 60

it "a stop is told"
stop manager
assert_eq 0 "$EXIT_STATUS" "exit status"
assert_log manager 'STOPPING=1 STATUS=draining'

finish
