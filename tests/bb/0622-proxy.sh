#!/bin/bash
# SPDX-License-Identifier: MIT
# A proxy on the way to the backend, whose name nobody but the proxy knows: no
# direct way could go unnoticed.
# needs: tinyproxy-bin nodejs openssl util-linux mount
. "$(dirname "$0")/lib.sh"

C=$BB_DIR
NAME=backend.test

# start_proxy NAME [LINE...]: tinyproxy with these lines in its configuration;
# sets PROXY_PORT and PROXY.
start_proxy() {
  local name=$1 line
  shift
  PROXY_PORT=$(free_port)
  PROXY=http://127.0.0.1:$PROXY_PORT
  {
    printf 'Port %s\nListen 127.0.0.1\nTimeout 30\nLogLevel Connect\n' \
      "$PROXY_PORT"
    for line in "$@"; do
      echo "$line"
    done
  } >"$C/$name.conf"
  spawn "$name" "$C/with-names" tinyproxy -d -c "$C/$name.conf"
  await "(exec 3<>/dev/tcp/127.0.0.1/$PROXY_PORT)" || bail "no tinyproxy"
}

# passed NAME METHOD: requests that a proxy saw.
passed() {
  grep -c "Request (file descriptor [0-9]*): $2 " "$BB_DIR/$1.log"
}

# ends_in NAME REGEX: no token, and the log says why.
ends_in() {
  await "grep -q -E '$2' '$BB_DIR/$1.log'"
  assert_log "$1" "token token: .*$2"
  expect_status 503 "$URL/token"
  assert_no_match 'geheim' "$(cat "$BB_DIR/$1.log")" "log"
}

# result NAME: how often attempts of the last instance ended so.
result() {
  metric "bearerd_renewals_total{token=\"token\",result=\"$1\"}"
}

# All of /etc: not every machine has the file, which is mounted upon.
mkdir -p "$C/etc/ssl"
cp /etc/passwd /etc/group "$C/etc" && cp -r /etc/ssl/certs "$C/etc/ssl"
echo "hosts: files dns" >"$C/etc/nsswitch.conf"
printf '127.0.0.1 localhost %s\n' "$NAME" >"$C/etc/hosts"
cat >"$C/with-names" <<'S'
#!/bin/sh
exec unshare -rm sh -c 'mount --bind "$0" /etc && exec "$@"' \
	"$(dirname "$0")/etc" "$@"
S
chmod +x "$C/with-names"
if ! "$C/with-names" true 2>"$C/unshare.err"; then
  it "the backend is reached through a proxy"
  skip "name spaces are not to be had: $(head -1 "$C/unshare.err")"
  exit
fi
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$NAME" \
  -addext "subjectAltName=DNS:$NAME" -keyout "$C/key.pem" \
  -out "$C/cert.pem" 2>/dev/null

start_stub -l 600
HTTP_URL=http://$NAME:$STUB_PORT
TLS_PORT=$(free_port)
spawn tls node "$BB_SOURCE/tls_backend.js" "$TLS_PORT" "$C/key.pem" \
  "$C/cert.pem"
await "grep -q '^listening' '$BB_DIR/tls.log'" 20 || bail "node: no server"
HTTPS_URL=https://$NAME:$TLS_PORT
start_proxy open "ConnectPort $TLS_PORT"
OPEN=$PROXY
start_proxy guarded "BasicAuth user geheim" "ConnectPort $TLS_PORT"
GUARDED_PORT=$PROXY_PORT
GUARDED=$PROXY

# ---- which proxy ----------------------------------------------------------

# HOW it is told ~ variables and options
ways="option~--proxy=$OPEN
option with a slash~--proxy=$OPEN/
variable~http_proxy=$OPEN https_proxy=$OPEN
variable without a scheme~http_proxy=${OPEN#http://} https_proxy=${OPEN#http://}
variable in upper case~http_proxy=$OPEN HTTPS_PROXY=$OPEN
option before variables~--proxy=$OPEN http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1
option before no_proxy~--proxy=$OPEN no_proxy=*
no_proxy of others~http_proxy=$OPEN https_proxy=$OPEN no_proxy=localhost,other.test"
for url in "$HTTP_URL" "$HTTPS_URL"; do
  number=0
  while IFS='~' read -r what how; do
    it "${url%%:*}: the backend is reached through the proxy: $what"
    name=${url%%:*}-$((number += 1))
    # shellcheck disable=SC2086 # a list
    start_bearerd -n "$name" -l BASE_URL="$url" --ca-file="$C/cert.pem" $how
    await '[ -n "$(token_now)" ]'
    stop "$name"
  done <<<"$ways"
done
assert_eq 8 "$(passed open GET)" "requests that the proxy passed on"
assert_eq 8 "$(passed open CONNECT)" "tunnels"

it "https: the proxy sees neither the key nor the token"
assert_no_match 'test-key|tls-[0-9]' "$(cat "$BB_DIR/open.log")" "its log"

# settings that do not apply ~ variables and options
ways="none~--proxy=none http_proxy=$OPEN https_proxy=$OPEN
no_proxy~http_proxy=$OPEN no_proxy=$NAME
no_proxy of a domain~http_proxy=$OPEN no_proxy=.test
NO_PROXY~http_proxy=$OPEN NO_PROXY=*
upper case, which a CGI would have from its caller~HTTP_PROXY=$OPEN
https_proxy for http~https_proxy=$OPEN"
while IFS='~' read -r what how; do
  it "the proxy is not used: $what"
  before=$(passed open GET)
  # shellcheck disable=SC2086 # a list
  start_bearerd -n direct -l BASE_URL="$HTTP_URL" $how
  await "grep -q 'token token: backend: Could not resolve host' '$BB_DIR/direct.log'"
  assert_eq "$before" "$(passed open GET)" "requests"
  stop direct
  : >"$BB_DIR/direct.log"
done <<<"$ways"

it "--test shows which proxy applies, and no password"
shown=$(env -i https_proxy=http://user:geheim@p.test:3128 \
  ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$BEARERD" --test \
  --base-url=https://backend.test --api-key-file=/dev/null 2>&1)
assert_match "through the proxy http://user:\*+@p.test:3128 \(https_proxy\)" \
  "$shown"
assert_no_match geheim "$shown"
shown=$(env -i https_proxy=http://p.test no_proxy=.test \
  ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$BEARERD" --test \
  --base-url=https://backend.test --api-key-file=/dev/null 2>&1)
assert_match "without a proxy" "$shown"

it "a variable that names no HTTP proxy is an error, and is named"
shown=$(env -i https_proxy=socks5://u:geheim@p.test:1080 \
  ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$BEARERD" --test \
  --base-url=https://backend.test 2>&1)
assert_eq 2 $? "status"
assert_match "^https_proxy: must be the URL of an HTTP proxy" "$shown"
assert_no_match geheim "$shown"

# ---- who we are -----------------------------------------------------------

echo geheim >"$C/password"
echo falsch >"$C/wrong"
for url in "$HTTP_URL" "$HTTPS_URL"; do
  scheme=${url%%:*}
  it "$scheme: the proxy is told who we are, by a file or a variable"
  start_bearerd -n "$scheme-file" -l BASE_URL="$url" --proxy="$GUARDED" \
    --ca-file="$C/cert.pem" --proxy-user=user \
    --proxy-password-file="$C/password"
  await '[ -n "$(token_now)" ]'
  stop "$scheme-file"
  start_bearerd -n "$scheme-variable" -l BASE_URL="$url" \
    --ca-file="$C/cert.pem" \
    "${scheme}_proxy=http://user:geheim@127.0.0.1:$GUARDED_PORT"
  await '[ -n "$(token_now)" ]'
  stop "$scheme-variable"

  it "$scheme: a proxy that refuses our credentials is told from a backend"
  start_bearerd -n "$scheme-refused" -l BASE_URL="$url" --proxy="$GUARDED" \
    --ca-file="$C/cert.pem" --proxy-user=user \
    --proxy-password-file="$C/wrong"
  ends_in "$scheme-refused" "the proxy $GUARDED (refuses our credentials|does)"
  assert_between 1 99 "$(result credentials)" "attempts that ended so"
  assert_no_match "credentials have changed" \
    "$(cat "$BB_DIR/$scheme-refused.log")" "log"
  stop "$scheme-refused"
done

it "http: a proxy that wants to know who we are is told from a backend"
start_bearerd -n stranger -l BASE_URL="$HTTP_URL" --proxy="$GUARDED"
ends_in stranger "the proxy $GUARDED refuses our credentials"
stop stranger

it "a password that was wrong is read again"
start_bearerd -n wrong -l BASE_URL="$HTTPS_URL" --proxy="$GUARDED" \
  --ca-file="$C/cert.pem" --proxy-user=user --proxy-password-file="$C/wrong"
await "grep -q 'refuses our credentials' '$BB_DIR/wrong.log'"
echo geheim >"$C/wrong"
await '[ -n "$(token_now)" ]' 20
stop wrong

# ---- whose fault ----------------------------------------------------------

dead=$(free_port)
for url in "$HTTP_URL" "$HTTPS_URL"; do
  scheme=${url%%:*}
  it "$scheme: a proxy that is not there is told from a backend"
  start_bearerd -n "$scheme-dead" -l BASE_URL="$url" \
    --proxy="http://127.0.0.1:$dead"
  ends_in "$scheme-dead" "the proxy http://127.0.0.1:$dead cannot be reached"
  assert_between 1 999 "$(result unreachable)" "attempts that ended so"
  stop "$scheme-dead"

  it "$scheme: a proxy whose name nobody knows, too"
  start_bearerd -n "$scheme-name" -l BASE_URL="$url" \
    --proxy="http://proxy.invalid:3128"
  ends_in "$scheme-name" "the proxy http://proxy.invalid:3128 has a name that"
  stop "$scheme-name"
done

it "https: a proxy that does not let us through is told from a backend"
start_proxy closed "ConnectPort 1"
start_bearerd -n closed-tunnel -l BASE_URL="$HTTPS_URL" --proxy="$PROXY"
ends_in closed-tunnel "the proxy $PROXY does not let us through to the backend"
assert_between 1 999 "$(result unreachable)" "attempts that ended so"
stop closed-tunnel

it "https: a server that is no proxy is told from a backend"
stub_set "mode=close"
start_bearerd -n no-proxy -l BASE_URL="$HTTPS_URL" --proxy="$STUB_URL"
ends_in no-proxy "the proxy $STUB_URL does not "
stop no-proxy

it "http: what the backend answers is not the proxy's, but that is not known"
stub_set "status=503"
start_bearerd -n behind -l BASE_URL="$HTTP_URL" --proxy="$OPEN"
ends_in behind "the backend answered status 503 to .* .or the proxy $OPEN did"
stop behind

it "https: a status 407 that comes out of the tunnel is the backend's"
start_bearerd -n inner -l BASE_URL="$HTTPS_URL" --proxy="$OPEN" \
  --ca-file="$C/cert.pem" --path=/status/407
ends_in inner "the backend answered status 407"
assert_between 1 99 "$(result refused)" "attempts that ended so"
stop inner

it "https: behind the proxy the backend is at fault"
start_bearerd -n untrusted -l BASE_URL="$HTTPS_URL" --proxy="$OPEN"
ends_in untrusted "backend, through the proxy $OPEN: .*certificate"
stop untrusted

oauth_port=$(free_port)
spawn oauth python3 "$BB_SOURCE/authorization.py" "$oauth_port" 600
await "grep -q ready '$BB_DIR/oauth.log'"
for how in "$OPEN" "http://user:geheim@${GUARDED#http://}"; do
  it "an authorization server is asked through the proxy, too: ${how##*@}"
  start_bearerd -n grant -l -u BASE_URL -u API_KEY -u REDIS_HOST \
    --token-url="http://$NAME:$oauth_port/proxied" --grant=client-credentials \
    --client-id=gateway BEARERD_CLIENT_SECRET=s3cret http_proxy="$how"
  await '[[ $(token_now) == proxied-* ]]'
  stop grant
done

finish
