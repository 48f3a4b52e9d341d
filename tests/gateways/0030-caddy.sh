#!/bin/bash
# SPDX-License-Identifier: MIT
# Caddy with forward_auth.
# needs: caddy python3
. "$(dirname "$0")/lib.sh"

start_backend
start_tokens
port=$(free_port) report=$(free_port)
mkdir "$BB_DIR/gate"
example caddy/Caddyfile "s/127.0.0.1:8080/127.0.0.1:$port/" \
  "s/127.0.0.1:9000/127.0.0.1:$API_PORT/" \
  "s/127.0.0.1:8081/127.0.0.1:$report/g" \
  "s/127.0.0.1:8000/127.0.0.1:$BEARERD_PORT/" >"$BB_DIR/gate/Caddyfile"
spawn caddy env XDG_DATA_HOME="$BB_DIR/gate" XDG_CONFIG_HOME="$BB_DIR/gate" \
  caddy run --adapter caddyfile --config "$BB_DIR/gate/Caddyfile"
GATE=http://127.0.0.1:$port
await gate_has_token || bail "caddy does not start: $(tail -3 "$BB_DIR/caddy.log")"

gate_passes_requests
gate_keeps_connections 32
gate_takes_long_tokens
gate_reports_rejected
gate_survives_restart
gate_without_tokens 0
gate_was_tight
stop caddy
finish
