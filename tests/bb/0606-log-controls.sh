#!/bin/bash
# SPDX-License-Identifier: MIT
# Nothing that others write steers the terminal of who reads the log.
. "$(dirname "$0")/lib.sh"

csi=$(printf '\302\233') # U+009B, as good as ESC [
turn=$(printf '\342\200\256')

# is_plain NAME: its log has no such character, in UTF-8 or as a byte.
is_plain() {
  assert_eq 0 "$(LC_ALL=C grep -a -c -P \
    '\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|[\x00-\x08\x0b-\x1f\x7f]' \
    "$BB_DIR/$1.log")" "lines that steer a terminal in $1.log"
}

start_stub -l 600
for format in text json; do
  it "what a configuration has is shown without it: $format"
  printf 'base-url = "http://127.0.0.1:1"\nlog-format = %s\n%s = 1\npid-file = "x%s%s2J"\nlisten = "%s"\n' \
    "$format" "odd${csi}31m" "$csi" "$turn" "${csi}31m:8000" >"$BB_DIR/odd.conf"
  start_bearerd -n "conf-$format" -x --config="$BB_DIR/odd.conf" \
    --log-format="$format"
  reap "$(pid_of "conf-$format")" 10
  assert_ne 0 "$EXIT_STATUS" "exit status"
  is_plain "conf-$format"

  it "what Redis says is shown without it: $format"
  cat >"$BB_DIR/redis.py" <<P
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    c = s.accept()[0]
    while c.recv(65536):
        c.sendall("-WRONGPASS \u009b31m\u202e\x1b[2J no\r\n".encode())
    c.close()
P
  spawn "fake-$format" python3 "$BB_DIR/redis.py"
  await "[ -s '$BB_DIR/fake-$format.log' ]"
  start_bearerd -n "redis-$format" -x REDIS_HOST=127.0.0.1 \
    BEARERD_REDIS_PORT="$(head -1 "$BB_DIR/fake-$format.log")" REDIS_PW=x \
    --log-format="$format"
  await "grep -q -a WRONGPASS '$BB_DIR/redis-$format.log'"
  is_plain "redis-$format"
  reap "$(pid_of "redis-$format")" 20
done

finish
