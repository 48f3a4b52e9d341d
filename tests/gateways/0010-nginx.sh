#!/bin/bash
# SPDX-License-Identifier: MIT
# nginx with auth_request: called for each request, through a cache, and on a
# Unix socket.
# needs: nginx-light python3
. "$(dirname "$0")/lib.sh"

# start_nginx NAME [SED-COMMAND...]: with the example in a folder of its own;
# sets GATE.
start_nginx() {
  local name=$1 dir=$BB_DIR/$1 port user=''
  shift
  port=$(free_port)
  mkdir -p "$dir"
  cp "$EXAMPLES"/nginx/*.inc "$dir"
  example nginx/bearerd-cache.inc 's/200 1s/200 3s/' >"$dir/bearerd-cache.inc"
  example nginx/bearerd.conf "s/127.0.0.1:8080/127.0.0.1:$port/" \
    "s/127.0.0.1:9000/127.0.0.1:$API_PORT/" "$@" >"$dir/bearerd.conf"
  [ "$(id -u)" -ne 0 ] || user='user root;'
  cat >"$dir/nginx.conf" <<C
$user
worker_processes 2;
pid $dir/pid;
error_log $dir/error.log info;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path $dir/body;
  proxy_temp_path $dir/proxy;
  fastcgi_temp_path $dir/fastcgi;
  scgi_temp_path $dir/scgi;
  uwsgi_temp_path $dir/uwsgi;
  include bearerd.conf;
}
C
  spawn "$name" nginx -p "$dir" -e "$dir/error.log" -c "$dir/nginx.conf" \
    -g 'daemon off;'
  GATE=http://127.0.0.1:$port
  await "curl -s --noproxy '*' -o /dev/null '$GATE/'" ||
    bail "nginx does not start: $(tail -3 "$BB_DIR/$name.log")"
}

start_backend
start_tokens
tcp="s/127.0.0.1:8000/127.0.0.1:$BEARERD_PORT/"
start_nginx nginx "$tcp"
gate_passes_requests
gate_keeps_connections 16
gate_takes_long_tokens
gate_replaces_rejected
gate_survives_restart
gate_without_tokens 0
stop nginx QUIT

# The same through a cache: two lines are not comments any more.  Three seconds,
# so that a token that is asked for anew is not just one that ran out.
start_nginx cached "$tcp" "s|^#(proxy_cache_path )[^ ]*|\1$BB_DIR/cache|" \
  's/#(include bearerd-cache.inc)/\1/'
calls() {
  metric 'bearerd_requests_total{path="/auth",code="200"}'
}

it "cached: 1,000 requests are a few calls of bearerd"
before=$(calls)
expect_through -H 'Authorization: Basic own-secret'
expect_through --data-binary "@$BB_DIR/big"
user many 1000 8 >"$BB_DIR/many"
assert_eq status_200=1000 "$(grep status "$BB_DIR/many")" "answers"
echo "# $(($(calls) - before)) calls for 1,002 requests"
assert_between 0 20 $(($(calls) - before)) "calls"
gate_takes_long_tokens
gate_replaces_rejected
gate_without_tokens 3
stop cached QUIT

start_nginx socket "s|127.0.0.1:8000|unix:$BEARERD_SOCKET|"
it "on a Unix socket: requests have their token"
expect_through -H 'Authorization: Basic own-secret'
gate_keeps_connections 0
gate_replaces_rejected
stop socket QUIT

gate_was_tight
finish
