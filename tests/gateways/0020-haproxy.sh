#!/bin/bash
# SPDX-License-Identifier: MIT
# HAProxy, whose Lua asks for tokens.
# needs: haproxy python3
. "$(dirname "$0")/lib.sh"

start_backend
start_tokens
port=$(free_port) dir=$BB_DIR/gate
mkdir "$dir"
example haproxy/haproxy.cfg "s/127.0.0.1:8080/127.0.0.1:$port/" \
  "s/127.0.0.1:9000/127.0.0.1:$API_PORT/" \
  "s/abns@bearerd-inner/abns@bearerd-test-$port/" >"$dir/haproxy.cfg"
example haproxy/bearerd.lua "s/127.0.0.1:8000/127.0.0.1:$BEARERD_PORT/" \
  >"$dir/bearerd.lua"
spawn haproxy haproxy -db -C "$dir" -f "$dir/haproxy.cfg"
GATE=http://127.0.0.1:$port
await gate_has_token || bail "haproxy does not start: $(tail -3 "$BB_DIR/haproxy.log")"

gate_passes_requests
gate_keeps_connections 32
gate_takes_long_tokens
gate_replaces_rejected

it "a rejected token with more than fits into the buffer is reported only"
revoke
http "$GATE/some/thing" --data-binary "@$BB_DIR/big" -H 'Expect:'
assert_eq 401 "$STATUS" "status"
await gate_has_token 20

gate_survives_restart
gate_without_tokens 0
gate_was_tight
stop haproxy
finish
