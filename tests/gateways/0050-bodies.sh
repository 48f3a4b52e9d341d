#!/bin/bash
# SPDX-License-Identifier: MIT
# Proxies that hand bodies on to bearerd, which answers before it has them.
# needs: nginx-light haproxy caddy apache2 python3
# limit: 240
. "$(dirname "$0")/lib.sh"

start_backend
start_tokens
dir=$(mktemp -d "${TMPDIR:-/tmp}/bearerd-bodies.XXXXXX")
chmod 755 "$dir"

# each_has_an_answer NAME: 150 POSTs of 1 MB, and some of other lengths.
each_has_an_answer() {
  local bytes count
  while read -r count bytes; do
    it "$1: $count of $count answers to bodies of $bytes bytes"
    user bodies "$count" 4 /auth "$bytes" >"$BB_DIR/bodies"
    assert_eq "lost=0 status_200=$count wrong=0" \
      "$(grep -v closed "$BB_DIR/bodies" | xargs)" "answers"
  done <<'T'
150 1000000
50 200000
50 65536
50 100
T
}

# start_proxy NAME COMMAND...: on GATE.
start_proxy() {
  spawn "$@"
  await "curl -s --noproxy '*' -m 5 -o /dev/null '$GATE/auth'" ||
    bail "$1 does not start: $(tail -3 "$BB_DIR/$1.log")"
}

port=$(free_port) GATE=http://127.0.0.1:$port
mkdir "$dir/nginx"
cat >"$dir/nginx.conf" <<C
$([ "$(id -u)" -ne 0 ] || echo 'user root;')
worker_processes 1;
pid $dir/nginx/pid;
error_log $dir/nginx/error.log info;
events { worker_connections 256; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_temp_path $dir/nginx/body;
  proxy_temp_path $dir/nginx/proxy;
  fastcgi_temp_path $dir/nginx/fastcgi;
  scgi_temp_path $dir/nginx/scgi;
  uwsgi_temp_path $dir/nginx/uwsgi;
  server {
    listen 127.0.0.1:$port;
    location / { proxy_pass http://127.0.0.1:$BEARERD_PORT; }
    location /straight/ {
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_pass http://127.0.0.1:$BEARERD_PORT/;
    }
  }
}
C
start_proxy nginx nginx -p "$dir/nginx" -e "$dir/nginx/error.log" \
  -c "$dir/nginx.conf" -g 'daemon off;'
each_has_an_answer nginx
# It closes a connection of its client's whose body it did not need, and does not
# say so: each request has one of its own.
it "nginx without a buffer: 150 of 150 answers to bodies of 1 MB"
user bodies 150 4 /straight/auth 1000000 close >"$BB_DIR/bodies"
assert_eq "lost=0 status_200=150 wrong=0" \
  "$(grep -v closed "$BB_DIR/bodies" | xargs)" "answers"
stop nginx QUIT

port=$(free_port) GATE=http://127.0.0.1:$port
cat >"$dir/haproxy.cfg" <<C
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen proxy
  bind 127.0.0.1:$port
  server bearerd 127.0.0.1:$BEARERD_PORT
C
start_proxy haproxy haproxy -db -f "$dir/haproxy.cfg"
each_has_an_answer HAProxy
stop haproxy

port=$(free_port) GATE=http://127.0.0.1:$port
cat >"$dir/Caddyfile" <<C
{
  admin off
}
http://127.0.0.1:$port {
  reverse_proxy 127.0.0.1:$BEARERD_PORT
}
C
start_proxy caddy env XDG_DATA_HOME="$dir" XDG_CONFIG_HOME="$dir" \
  caddy run --adapter caddyfile --config "$dir/Caddyfile"
each_has_an_answer Caddy
stop caddy

port=$(free_port) GATE=http://127.0.0.1:$port
modules=/usr/lib/apache2/modules
mkdir "$dir/apache"
{
  for module in mpm_event authz_core proxy proxy_http; do
    echo "LoadModule ${module}_module $modules/mod_$module.so"
  done
  [ "$(id -u)" -ne 0 ] || printf 'User www-data\nGroup www-data\n'
  cat <<C
ServerRoot $dir/apache
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $dir/apache/pid
DefaultRuntimeDir $dir/apache
Mutex file:$dir/apache default
ErrorLog $BB_DIR/apache-errors.log
ProxyPass / http://127.0.0.1:$BEARERD_PORT/
C
} >"$dir/apache.conf"
start_proxy apache /usr/sbin/apache2 -D FOREGROUND -f "$dir/apache.conf"
each_has_an_answer Apache
stop apache

rm -rf "$dir"
finish
