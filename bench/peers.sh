# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # bench/compare reads what is set here
#
# peers.sh - starts what bench/compare measures, and says how to reach it.
# All give out the same token; none writes an access log.

declare -A ADDRESS=()   # of a target: port, or the path of a Unix socket
declare -A WHERE=()     # the path to ask for
declare -A MASTER=()    # the program it belongs to; empty: CPU not counted
declare -A MEANWHILE=() # what to do during each of its rounds

# target NAME ADDRESS PATH PROGRAM [MEANWHILE]
target() {
  ADDRESS[$1]=$2 WHERE[$1]=$3 MASTER[$1]=$4 MEANWHILE[$1]=${5:-}
}

# hand_out BYTES: the backend's answers from now on; sets TOKEN.
hand_out() {
  TOKEN=$(head -c "$1" /dev/zero | tr '\0' T)
  curl -sf -o /dev/null -X PUT "$STUB_URL/control" --data-binary \
    "{\"token\":\"$TOKEN\",\"expires_in\":3600}" || bail "stub refuses"
}

# start_ours NAME [OPTION...]: a bearerd of one worker as a target.
start_ours() {
  local name=$1
  shift
  start_bearerd -n "$name" --workers=1 --log-level=warning "$@"
  target "$name" "${URL##*:}" /token "$name"
}

named() { # named COUNT: a configuration of so many tokens
  printf 'max-token-size = 512\n'
  seq -f 'token name-%g { }' 0 $(($1 - 1))
}

start_floor() { # NAME ADDRESS SHM
  spawn "$1" taskset -c 0 "$BUILD/bench/floor" "$2" "$3" token
  target "$1" "$2" /token "$1"
}

rewriting() {
  "$BUILD/bench/rewrite" "$REWRITTEN_SHM" token 1000 $((MS + 300)) 2>>"$BB_DIR/load.log"
}
renewing() { # once a second, the most that bearerd does for a token
  kill -s USR1 "$(pid_of "$1")"
}
renew_one() { renewing bearerd-renewing; }
renew_stuck() { renewing bearerd-hung-backend; }
look_stuck() { renewing bearerd-hung-redis; }
reload_one() { kill -s HUP "$(pid_of bearerd-reloading)"; }

wake_all() { # what was stopped can only be ended awake
  kill -s CONT "$(pid_of stuck-redis)" "$(pid_of stuck-stub)" 2>/dev/null
}

start_all_ours() {
  local unix=$BB_DIR/ours.sock
  start_ours bearerd
  target bearerd-auth "${ADDRESS[bearerd]}" /auth bearerd
  FLOOR_SHM=${SHM_NAMES[-1]}
  start_ours bearerd-unix --listen="unix:$unix"
  ADDRESS[bearerd-unix]=$unix
  start_ours bearerd-rewritten
  REWRITTEN_SHM=${SHM_NAMES[-1]} MEANWHILE[bearerd-rewritten]=rewriting
  start_ours bearerd-renewing
  MEANWHILE[bearerd-renewing]=renew_one
  start_ours bearerd-reloading
  MASTER[bearerd-reloading]='' MEANWHILE[bearerd-reloading]=reload_one
  named 64 >"$BB_DIR/64.conf"
  named 10000 >"$BB_DIR/10000.conf"
  start_ours bearerd-64 --config="$BB_DIR/64.conf"
  WHERE[bearerd-64]=/tokens/name-%d
  start_ours bearerd-10000 --config="$BB_DIR/10000.conf"
  WHERE[bearerd-10000]=/tokens/name-%d
  hand_out 1500
  start_ours bearerd-1500
  hand_out 200
}

# One that has 10,000 idle connections besides.
start_crowded() {
  ulimit -S -n "$(ulimit -H -n)"
  start_ours bearerd-crowded
  spawn crowd /usr/bin/python3 -c '
import socket, sys, time
open_ = [socket.create_connection(("127.0.0.1", int(sys.argv[1])))
         for _ in range(10000)]
print("crowded", flush=True)
time.sleep(3600)' "${ADDRESS[bearerd-crowded]}"
  await "grep -q crowded '$BB_DIR/crowd.log'" 20 || bail "no crowd gathers"
}

# Two that live with something that hangs: with a Redis, with a backend.
start_stuck() {
  local url=$STUB_URL
  start_stub -n stuck-stub -l 3600
  start_ours bearerd-hung-backend
  MEANWHILE[bearerd-hung-backend]=renew_stuck
  STUB_URL=$url
  start_redis -n stuck-redis
  start_ours bearerd-hung-redis
  MEANWHILE[bearerd-hung-redis]=look_stuck
  REDIS_ADDRESS=
  kill -s STOP "$(pid_of stuck-redis)" "$(pid_of stuck-stub)"
}

start_nginx() { # answers by itself, and from a shared dictionary of Lua
  local fixed shared body="{\"token\":\"$TOKEN\",\"token_type\":\"Bearer\",\"expires_in\":3000,\"refresh_in\":2000}"
  fixed=$(free_port) shared=$(free_port)
  cat >"$BB_DIR/nginx.conf" <<END
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off; user root; worker_processes 1; pid $BB_DIR/nginx.pid; error_log stderr warn;
events { worker_connections 12000; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300;
  default_type application/json; add_header Cache-Control no-store;
  client_body_temp_path $BB_DIR/n1; proxy_temp_path $BB_DIR/n2; fastcgi_temp_path $BB_DIR/n3;
  uwsgi_temp_path $BB_DIR/n4; scgi_temp_path $BB_DIR/n5;
  lua_shared_dict tokens 1m;
  init_by_lua_block { ngx.shared.tokens:set("token", "$TOKEN") }
  server { listen 127.0.0.1:$fixed backlog=4096; location /token { return 200 '$body'; } }
  server { listen 127.0.0.1:$shared backlog=4096; location /token { content_by_lua_block {
    local body = '{"token":"' .. ngx.shared.tokens:get("token") .. '","token_type":"Bearer","expires_in":3000}'
    ngx.header["Content-Length"] = #body
    ngx.print(body) } } }
}
END
  spawn nginx taskset -c 0 nginx -c "$BB_DIR/nginx.conf" -e stderr
  target nginx "$fixed" /token nginx
  target nginx-lua "$shared" /token nginx
}

start_haproxy() {
  local port
  port=$(free_port)
  cat >"$BB_DIR/haproxy.cfg" <<END
global
  nbthread 1
  maxconn 9000
  tune.http.maxhdr 101
defaults
  mode http
  timeout client 300s
  timeout connect 5s
  timeout server 5s
frontend f
  bind 127.0.0.1:$port
  http-request return status 200 content-type application/json hdr Cache-Control no-store string '{"token":"$TOKEN","token_type":"Bearer","expires_in":3000,"refresh_in":2000}'
END
  spawn haproxy taskset -c 0 haproxy -db -f "$BB_DIR/haproxy.cfg"
  target haproxy "$port" /token haproxy
}

start_h2o() {
  local port
  port=$(free_port)
  mkdir "$BB_DIR/h2o"
  printf '{"token":"%s","token_type":"Bearer","expires_in":3000,"refresh_in":2000}' "$TOKEN" >"$BB_DIR/h2o/token"
  cat >"$BB_DIR/h2o.conf" <<END
user: root
num-threads: 1
http1-request-timeout: 300
listen: { host: 127.0.0.1, port: $port }
hosts: { default: { paths: { /: { file.dir: $BB_DIR/h2o } } } }
END
  spawn h2o taskset -c 0 h2o -c "$BB_DIR/h2o.conf"
  target h2o "$port" /token h2o
}

start_fastapi() {
  local port
  port=$(free_port)
  start_redis --port 6379 --bind 127.0.0.77
  taskset -a -p -c 0 "$(pid_of redis)" >/dev/null
  spawn fastapi env BASE_URL="$STUB_URL" API_KEY="$STUB_KEY" REDIS_HOST=127.0.0.77 \
    taskset -c 0 /usr/bin/python3 -m uvicorn --app-dir "$BB_SOURCE" \
    --port "$port" --no-access-log --backlog 4096 original:app
  target fastapi "$port" /token fastapi
  REDIS_ADDRESS=
}

start_peers() {
  start_stub -l 3600
  hand_out 200
  start_all_ours
  start_crowded
  start_stuck
  hand_out 200
  start_floor floor "$(free_port)" "$FLOOR_SHM"
  start_floor floor-unix "$BB_DIR/floor.sock" "$FLOOR_SHM"
  start_nginx
  start_haproxy
  start_h2o
  start_fastapi
  for name in nginx nginx-lua haproxy h2o fastapi floor; do
    await "curl -sf -o /dev/null http://127.0.0.1:${ADDRESS[$name]}/token" 15 ||
      bail "$name does not start: $(tail -2 "$BB_DIR/${MASTER[$name]}.log")"
  done
}
