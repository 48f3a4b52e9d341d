# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # the tests and lib-start.sh read it
#
# lib.sh - what the tests of gateways share: an API that wants tokens, a bearerd
# that has them, and what must hold through any gateway between a user and that
# API.  Each test begins with
#     . "$(dirname "$0")/lib.sh"
# starts both, starts its gateway with the configuration of examples/, ports and
# paths replaced, sets GATE to its URL, and calls the gate_ functions.

GATEWAYS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
EXAMPLES=$GATEWAYS/../../examples
. "$GATEWAYS/../bb/lib.sh"

GATE=""                 # the gateway's URL
API_PORT="" ISSUER_URL=""
BEARERD_PORT="" BEARERD_SHM="" BEARERD_SOCKET=$BB_DIR/bearerd.sock
BEARERD_OPTIONS=()      # of every bearerd

# start_backend: an API on API_PORT, and its issuer.
start_backend() {
  local issuer
  API_PORT=$(free_port) issuer=$(free_port)
  ISSUER_URL=http://127.0.0.1:$issuer
  spawn backend /usr/bin/python3 "$GATEWAYS/backend.py" "$API_PORT" "$issuer" \
    "$STUB_KEY"
  await "curl -sf --noproxy '*' -o /dev/null '$ISSUER_URL/control'" ||
    bail "the backend does not start"
}

# start_tokens [-l]: a bearerd at the same place each time; -l: that has no
# token to begin with.
start_tokens() {
  BEARERD_PORT=${BEARERD_PORT:-$(free_port)}
  BEARERD_SHM=${BEARERD_SHM:-/bearerd-test-$$-gate}
  SHM_NAMES+=("$BEARERD_SHM")
  start_bearerd "$@" BASE_URL="$ISSUER_URL" API_KEY="$STUB_KEY" \
    --listen="127.0.0.1:$BEARERD_PORT, unix:$BEARERD_SOCKET" \
    --shm-name="$BEARERD_SHM" --drain-timeout=2s \
    ${BEARERD_OPTIONS[@]+"${BEARERD_OPTIONS[@]}"}
  URL=http://127.0.0.1:$BEARERD_PORT
}

# example FILE SED-COMMAND...: the example's text, with ports and paths of this
# test; a command that changes nothing is an error.
example() {
  local text next command
  text=$(cat "$EXAMPLES/$1")
  shift
  for command in "$@"; do
    next=$(sed -E "$command" <<<"$text")
    [ "$next" != "$text" ] || bail "the example has nothing for $command"
    text=$next
  done
  printf '%s\n' "$text"
}

# backend NAME: what the API or its issuer has counted.
backend() {
  curl -sS --noproxy '*' -m 10 "$ISSUER_URL/control" |
    awk -v n="$1" '$1 == n { print $2; exit }'
}

backend_set() {
  curl -sS --noproxy '*' -m 10 -f -X PUT "$ISSUER_URL/control?$1" ||
    bail "the backend refused $1"
}

# renew: there is a new token, and users get it.
renew() {
  local before
  before=$(backend last_token)
  kill -s USR1 "$(pid_of bearerd)"
  await "[ \"\$(backend last_token)\" != '$before' ]"
  await "curl -s --noproxy '*' -m 10 '$GATE/' | grep -q \"\$(backend last_token)\""
}

# For await: a user gets through.
gate_has_token() {
  [ "$(curl -s --noproxy '*' -m 10 -o /dev/null -w '%{http_code}' "$GATE/")" = 200 ]
}

# connections_to PORT: the client ports that have or lately had a connection to
# it, as far as the kernel remembers.
connections_to() {
  awk -v port="$(printf ':%04X' "$1")" '
    substr($3, 9) == port { print substr($2, 9) }
    substr($2, 9) == port && $3 !~ /:0000$/ { print substr($3, 9) }' \
    /proc/net/tcp | sort -u
}

# user WHAT...: client.py at the gateway; prints what it found.
user() {
  /usr/bin/python3 "$GATEWAYS/client.py" "${GATE##*:}" "$@"
}

# ---- what holds through every gateway --------------------------------------

# seen NAME VALUE: the API saw this in the request answered last.
seen() {
  assert_match "\"$1\": \"?$2\"?[,}]" "$BODY" "what the API saw"
}

expect_through() { # CURL-OPTION...
  expect_status 200 "$GATE/some/thing?a=b" "$@"
  seen authorization "Bearer live-[0-9]+-[0-9a-fx]+"
  seen path '/some/thing[?]a=b'
}

# sum_of FILE
sum_of() {
  sha256sum "$1" | cut -d ' ' -f 1
}

gate_passes_requests() {
  local big=$BB_DIR/big small=$BB_DIR/small
  head -c 5242880 /dev/urandom >"$big"
  printf x >"$small"

  it "GET has the token, and not the user's own Authorization"
  expect_through -H 'Authorization: Basic own-secret'
  seen method GET

  it "HEAD has the token"
  expect_status 200 "$GATE/some/thing" -I
  assert_eq HEAD "$(header X-Method)" "method"

  it "POST of 1 byte and of 5 MiB arrive whole, with the token"
  expect_through --data-binary "@$small" -H 'Authorization: Basic own-secret'
  seen length 1
  expect_through --data-binary "@$big" -H 'Expect:'
  seen sha256 "$(sum_of "$big")"

  it "a chunked POST arrives whole, with the token"
  expect_through --data-binary "@$big" -H 'Transfer-Encoding: chunked' \
    -H 'Expect:'
  seen sha256 "$(sum_of "$big")"

  it "Expect: 100-continue is answered"
  expect_through --data-binary "@$big" -H 'Expect: 100-continue' \
    --expect100-timeout 15
  seen sha256 "$(sum_of "$big")"

  it "PUT, PATCH and DELETE arrive"
  for method in PUT PATCH DELETE; do
    expect_through -X "$method" --data-binary "@$small"
    seen method "$method"
  done

  it "a WebSocket is opened, with the token"
  assert_eq "HTTP/1.1 101 Switching Protocols
echoed" "$(user websocket)" "WebSocket"
  assert_eq 1 "$(backend upgrades)" "upgrades"
}

# gate_keeps_connections MOST: how many connections 1,000 requests cost.
gate_keeps_connections() {
  local before new
  it "1,000 requests over 8 connections are answered"
  before=$(connections_to "$BEARERD_PORT")
  user many 1000 8 >"$BB_DIR/many"
  assert_eq status_200=1000 "$(grep status "$BB_DIR/many")" "answers"
  assert_eq "lost=0 wrong=0" \
    "$(grep -E 'wrong|lost' "$BB_DIR/many" | xargs)" "trouble"
  new=$(comm -13 <(echo "$before") <(connections_to "$BEARERD_PORT") |
    grep -c .)
  echo "# $new new TCP connections to bearerd for 1,000 requests"
  assert_between 0 "$1" "$new" "connections to bearerd"
}

gate_takes_long_tokens() {
  it "a token of 3,900 bytes passes, with GET and with 5 MiB"
  backend_set size=3900
  renew
  expect_through
  assert_between 3900 4000 "$(json authorization | wc -c)" "bytes"
  expect_through --data-binary "@$BB_DIR/big" -H 'Expect:'
  backend_set size=0
  renew
}

# gate_survives_restart: what users see of a bearerd that restarts meanwhile.
gate_survives_restart() {
  it "bearerd restarts: users get the answer or a 5xx, the API no request \
without a token"
  spawn steady /usr/bin/python3 "$GATEWAYS/client.py" "${GATE##*:}" steady 6 8
  sleep 1.5
  stop bearerd
  sleep 0.5
  start_tokens
  await "! is_running $(pid_of steady)" 20
  echo "# while bearerd restarts: $(xargs <"$BB_DIR/steady.log")"
  assert_eq 0 "$(sed -n 's/^lost=//p' "$BB_DIR/steady.log")" "lost"
  assert_eq 0 "$(sed -n 's/^wrong=//p' "$BB_DIR/steady.log")" "wrong"
  assert_eq "" "$(grep -E '^status_[^25]' "$BB_DIR/steady.log")" "statuses"
  assert_match 'status_200=[0-9]{2}' "$(cat "$BB_DIR/steady.log")" "answers"
  await gate_has_token
}

# gate_without_tokens SECONDS: none is to be had, and then not even a bearerd;
# the gateway may use what it has for so long.
gate_without_tokens() {
  local before began
  it "no token is to be had: users get 503, the API gets no request"
  stop bearerd
  rm -f "/dev/shm$BEARERD_SHM"
  backend_set issue=no
  start_tokens -l
  sleep "$1"
  before=$(backend requests)
  expect_status 503 "$GATE/some/thing" -H 'Authorization: Basic own-secret'
  assert_match '^[0-9]+$' "$(header Retry-After)" "Retry-After"
  expect_status 503 "$GATE/some/thing" -d x
  assert_eq "$before" "$(backend requests)" "requests that reached the API"

  it "bearerd is not there: users get a 5xx, the API gets no request"
  stop bearerd
  began=$(now_ms)
  http "$GATE/some/thing" -H 'Authorization: Basic own-secret'
  assert_match '^50[0234]$' "$STATUS" "status"
  echo "# without bearerd users get $STATUS after $(($(now_ms) - began)) ms"
  assert_eq "$before" "$(backend requests)" "requests that reached the API"

  it "they are back, and so are the answers"
  backend_set issue=yes
  start_tokens
  await gate_has_token 20
}

reports() {
  metric 'bearerd_rejected_total{token="token",result="accepted"}'
}

# revoke: the API has forgotten all tokens, and bearerd may ask for the next
# one at once, since a second has passed after the last.
revoke() {
  sleep 1.1
  backend_set revoke=1
}

# gate_replaces_rejected: a token that the API refuses is reported, and the
# request is repeated with the next one.
gate_replaces_rejected() {
  local before
  it "a rejected token is reported, and the request repeated with the next one"
  before=$(reports)
  backend_set delay=100
  revoke
  expect_through -H 'Authorization: Basic own-secret' --data-binary "@$BB_DIR/small"
  seen method POST
  assert_eq $((before + 1)) "$(reports)" "reports accepted"
  expect_through
  backend_set delay=0
}

# gate_reports_rejected: it is reported, the user gets 503 once.
gate_reports_rejected() {
  local before
  it "a rejected token is reported; the user gets 503, and then the answer"
  before=$(reports)
  revoke
  expect_status 503 "$GATE/some/thing" -d x
  assert_match '^[0-9]+$' "$(header Retry-After)" "Retry-After"
  assert_eq "" "$(header WWW-Authenticate)" "WWW-Authenticate"
  assert_eq $((before + 1)) "$(reports)" "reports accepted"
  await gate_has_token
  expect_through
}

# gate_was_tight: over all that was done.
gate_was_tight() {
  it "the API saw no request without a token, nor a user's Authorization"
  assert_eq 0 "$(backend without)" "requests without a token"
  assert_eq 0 "$(backend foreign)" "requests with the user's own"
  assert_eq 0 "$(backend repeated)" "requests with two"
  echo "# the API was asked $(backend requests) times, $(backend wrong) times \
with a token that it had revoked"
}
