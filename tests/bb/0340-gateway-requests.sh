#!/bin/bash
# SPDX-License-Identifier: MIT
# Each gateway's own requests, byte by byte (gateway_requests.txt), get an
# answer that it can use, with a token and without.
# needs: python3
. "$(dirname "$0")/lib.sh"

gateways() {
  BB_SLOW=$BB_SLOW /usr/bin/python3 "$BB_SOURCE/gateways.py" "$@" 2>&1
}

mapfile -t names < <(gateways list)
[ "${#names[@]}" -ge 25 ] || bail "few gateways: ${names[*]}"

start_stub -l 600
start_bearerd -n serving --workers=1 --allow-hosts="*"
port=${URL##*:} token=$(token_now)
for name in "${names[@]}"; do
  it "$name gets the token, and its next request an answer"
  assert_eq "" "$(gateways "$name" "$port" "$token")" "problems"
done

it "a request right behind a length without a body is never half understood"
answers=$(printf '%s\r\n' 'GET /auth HTTP/1.1' 'Host: localhost' 'Content-Length: 27' \
  '' 'GET /token HTTP/1.1' 'Host: localhost' '' |
  timeout $((10 * BB_SLOW)) bash -c \
    'exec 5<>"/dev/tcp/127.0.0.1/$0"; cat >&5; cat <&5' "$port")
assert_eq 200,400 "$(sed -n 's/^HTTP.1.1 \([0-9]*\).*/\1/p' <<<"$answers" |
  paste -s -d,)" "statuses: the first, and that of what follows 27 bytes"

it "half a hundred connections at a time, each with a body that never comes"
pids=()
for i in {1..50}; do
  gateways nginx-stray-length "$port" "$token" >"$BB_DIR/stray.$i" &
  pids+=("$!")
done
wait "${pids[@]}"
assert_eq "" "$(cat "$BB_DIR"/stray.*)" "problems"

# Statuses that a gateway would hand to its users, were they passed on.
for mode in status=401 status=403 status=302 status=500; do
  stub_set "mode=ok&$mode"
  start_bearerd -n "none-${mode#*=}" -l --workers=1 --allow-hosts="*"
  port=${URL##*:}
  await "[ \$(curl -s -o /dev/null -w '%{http_code}' '$URL/token') = 503 ]"
  for name in "${names[@]}"; do
    it "$name gets 503 and Retry-After when the backend says $mode"
    assert_eq "" "$(gateways "$name" "$port")" "problems"
  done
  stop "none-${mode#*=}"
done

finish
