#!/bin/bash
# SPDX-License-Identifier: MIT
# TLS to Redis: who is believed, who is not, and that callers notice neither.
# needs: openssl
. "$(dirname "$0")/lib.sh"

C=$BB_DIR # certificates
DAYS=2

# authority NAME: NAME.crt, which signs itself, and NAME.key.
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$C/$1.key" -out "$C/$1.crt" -subj "/CN=$1" -days $DAYS 2>/dev/null
}

# certificate NAME AUTHORITY SAN [DAYS]: NAME.crt and NAME.key, signed.
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$C/$1.key" -out "$C/$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$C/$1.csr" -CA "$C/$2.crt" -CAkey "$C/$2.key" \
    -CAcreateserial -days "${4:-$DAYS}" -out "$C/$1.crt" \
    -extfile <(echo "subjectAltName=$3") 2>/dev/null
}

# start_redis_tls NAME CERTIFICATE [REDIS-OPTION...]: with a plain port for
# `redis`, and TLS at TLS_PORT.
start_redis_tls() {
  local name=$1 cert=$2
  shift 2
  TLS_PORT=$(free_port)
  start_redis -n "$name" --tls-port "$TLS_PORT" --tls-ca-cert-file "$C/ca.crt" \
    --tls-cert-file "$C/$cert.crt" --tls-key-file "$C/$cert.key" \
    --tls-auth-clients no "$@"
}

# start_over_tls NAME [ARGUMENT...]: an instance that trusts ca.crt.
start_over_tls() {
  local name=$1
  shift
  start_bearerd -n "$name" --redis-tls=yes --redis-timeout="${BB_SLOW}s" \
    --redis-ca-file="$C/ca.crt" BEARERD_REDIS_PORT="$TLS_PORT" "$@"
}

# is_left_alone NAME REGEX: the log says why, and callers are served.
is_left_alone() {
  expect_status 200 "$URL/token"
  await "grep -q -E 'Redis is unreachable: .*$2' '$BB_DIR/$1.log'"
  assert_log "$1" "Redis is unreachable: .*$2"
  assert_eq 0 "$(metric bearerd_redis_up)" "bearerd_redis_up"
  assert_no_death "$1"
  assert_eq 0 "$(redis EXISTS token)" "tokens in Redis"
}

NAME=$(name_of_loopback)
authority ca && authority stranger
certificate good ca "IP:127.0.0.1,DNS:$NAME"
certificate client ca DNS:client
certificate elsewhere ca DNS:elsewhere.example,IP:127.0.0.9
certificate unknown stranger "IP:127.0.0.1,DNS:$NAME"
certificate expired ca "IP:127.0.0.1,DNS:$NAME" 0 # since a moment ago

start_stub -l 600
start_redis_tls redis good

it "two instances share a token over TLS, with one backend call"
start_over_tls one
one=$URL
start_over_tls two
token=$(token_now)
# shellcheck disable=SC2119 # of URL
answers_ms && quiet=$REPLY
assert_eq "$token" "$(URL=$one token_now)" "token of the other"
await_redis token "$token"
assert_eq 1 "$(stub_calls)" "backend calls"
assert_log one 'Redis 127.0.0.1 port [0-9]+ is up'

it "nothing of them goes over the plain port"
assert_eq 0 "$(redis CLIENT LIST | grep -v 'cmd=client' |
  grep -c -v "laddr=127.0.0.1:$TLS_PORT")" "plain connections"

it "a rotation reaches the other through publish/subscribe"
kill -s USR1 "$(pid_of one)"
await "[ \$(stub_calls) -eq 2 ]"
await "[ \"\$(token_now)\" != '$token' ]"
token=$(redis GET token)
assert_eq "$token" "$(token_now)" "token of the other"
assert_eq 2 "$(stub_calls)" "backend calls"

it "a token of 16 KB, longer than a record, goes through both ways"
stub_set "size=16384"
kill -s USR1 "$(pid_of one)"
await "[ \$(redis STRLEN token) -eq 16384 ]"
big=$(redis GET token)
await "[ \"\$(token_now)\" = '$big' ]"
assert_eq "$big" "$(URL=$one token_now)" "token"
assert_eq 3 "$(stub_calls)" "backend calls"
stub_set "size=0"

it "Redis restarted: both come back to it, and write the token again"
port=$REDIS_PORT tls_port=$TLS_PORT
stop redis
expect_status 200 "$URL/token"
start_redis --port "$port" --tls-port "$tls_port" \
  --tls-ca-cert-file "$C/ca.crt" --tls-cert-file "$C/good.crt" \
  --tls-key-file "$C/good.key" --tls-auth-clients no
await "[ \"\$(redis GET token)\" = '$big' ]" 15
await "[ \"\$(redis CLIENT LIST TYPE pubsub | grep -c laddr=127.0.0.1:$tls_port)\" = 2 ]"
stop one
stop two

it "a name is verified as well as an address"
start_over_tls name REDIS_HOST="$NAME"
assert_eq "$big" "$(token_now)" "token"
stop name

it "a replica for look-ups is verified in the same way"
start_over_tls replica --redis-read-host=127.0.0.1
assert_eq "$big" "$(token_now)" "token"
assert_no_match 'redis-read-host is unreachable' \
  "$(cat "$BB_DIR/replica.log")" "log"
stop replica

redis FLUSHALL >/dev/null
it "a server that another authority signed for is not believed"
start_over_tls stranger --redis-ca-file="$C/stranger.crt"
is_left_alone stranger "127.0.0.1 port $TLS_PORT: TLS: certificate verify failed: "
stop stranger

it "without redis-ca-file the system's authorities decide"
start_over_tls system --redis-ca-file= SSL_CERT_FILE="$C/stranger.crt"
is_left_alone system 'certificate verify failed: '
stop system
start_over_tls believed --redis-ca-file= SSL_CERT_FILE="$C/ca.crt"
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]"
stop believed
redis FLUSHALL >/dev/null

it "a plain server is not spoken to without TLS"
start_over_tls plain BEARERD_REDIS_PORT="$REDIS_PORT"
is_left_alone plain 'no TLS handshake in time; does the server speak TLS'
stop plain
stop redis

it "a certificate for another name or address is refused"
start_redis_tls elsewhere elsewhere
start_over_tls othername REDIS_HOST="$NAME"
is_left_alone othername "certificate verify failed: host name does not match: .*'$NAME'"
stop othername
start_over_tls otheraddress
is_left_alone otheraddress "host name does not match: .*'127.0.0.1'"
stop otheraddress
stop elsewhere

it "an expired certificate is refused"
start_redis_tls expired expired
start_over_tls late
is_left_alone late 'certificate verify failed: certificate has expired'
stop late
stop expired

it "an unknown authority's certificate is refused"
start_redis_tls unknown unknown
start_over_tls distrust
is_left_alone distrust 'certificate verify failed: unable to get local issuer'
stop distrust
stop unknown

it "a server that wants a certificate gets ours"
start_redis_tls mutual good --tls-auth-clients yes --requirepass s3cret
start_over_tls mutual-client --redis-client-cert-file="$C/client.crt" \
  --redis-client-key-file="$C/client.key"
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]"
redis FLUSHALL >/dev/null
stop mutual-client

it "and without one says that it wants it"
start_over_tls nameless
is_left_alone nameless 'TLS: the server wants a client certificate'
stop nameless

it "a wrong password over TLS ends the start with status 3"
start_over_tls refused -x REDIS_PW=wrong \
  --redis-client-cert-file="$C/client.crt" \
  --redis-client-key-file="$C/client.key"
await "! is_running $(pid_of refused)"
wait "$(pid_of refused)"
assert_eq 3 $? "exit status"
assert_log refused 'Redis refuses our credentials; check redis-password'
redis FLUSHALL >/dev/null

stop mutual

it "a server that is silent after accepting delays no caller"
start_redis_tls silent good
kill -s STOP "$(pid_of silent)"
start_over_tls patient
# shellcheck disable=SC2119 # of URL
answers_ms
assert_as_quick "$quiet" "$REPLY" "ten answers"
await "grep -q 'is unreachable' '$BB_DIR/patient.log'"
assert_log patient \
  "Redis is unreachable: 127.0.0.1 port $TLS_PORT: no TLS handshake in time"

it "and is used when it speaks again"
kill -s CONT "$(pid_of silent)"
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]"
stop patient

it "files of no use end the start with status 2, and are found by --test"
echo nonsense >"$C/nonsense.pem"
for wrong in "--redis-ca-file=$C/nonsense.pem" \
  "--redis-client-cert-file=$C/nonsense.pem --redis-client-key-file=$C/client.key" \
  "--redis-client-cert-file=$C/client.crt --redis-client-key-file=$C/good.key"; do
  # shellcheck disable=SC2086 # two options
  text=$("$BEARERD" --test --base-url=http://127.0.0.1:1 --redis-host=127.0.0.1 \
    --redis-tls=yes $wrong 2>&1 >/dev/null)
  assert_eq 2 $? "exit status with $wrong"
  assert_match "^--redis-tls: '$C/[a-z]+\.(pem|key)' (has no|is not the key)" \
    "$text" "message"
done

finish
