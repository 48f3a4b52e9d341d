#!/bin/bash
# SPDX-License-Identifier: MIT
# Unusual requests that a server may take, and those that it must refuse all the
# same: below /auth stands what users of a gateway have sent.
# needs: python3
. "$(dirname "$0")/lib.sh"

# answers PORT: Python expressions of bytes on standard input, a line each; what
# each is answered with, the status and whether the connection stays open.
answers() {
  /usr/bin/python3 -c '
import socket, sys
for line in sys.stdin:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
        s.settimeout(20)
        try:
            s.sendall(eval(line))
            got = b""
            while b"\r\n\r\n" not in got:
                more = s.recv(65536)
                if not more:
                    break
                got += more
            print(got[9:12].decode(), "close" if b"Connection: close" in got
                  else "open")
        except OSError as e:
            print(e)' "$1"
}

# same EXPECTED PORT: each line of standard input is answered so.
same() {
  local line answer
  cat >"$BB_DIR/lines"
  answers "$2" <"$BB_DIR/lines" >"$BB_DIR/answers"
  while read -r line; do
    read -r -u 3 answer || answer="none"
    assert_eq "$1" "$answer" "answer to ${line:0:90}"
  done <"$BB_DIR/lines" 3<"$BB_DIR/answers"
}

start_stub -l 600
start_bearerd --workers=1
port=${URL##*:}

it "any bytes of a user's path or query below /auth are ignored"
same "200 open" "$port" < <(
  for path in /auth /tokens/token/auth; do
    for rest in '/\xc3\xa9' '/a\xffb' '/#' '/#a/b' '/a#b?c' '?\xc3\xa9' '?a=b#c' '#a' \
      '/|' '/{a}' '/^`' '/<a>"' '/a\\\\b' '/%' '/%zz' '/%00' '/[x]' '//' '/..;/a' \
      '/\x80\x81?\xf0\x9f\x90\xbb#\xff' "/~'()*"; do
      printf '%s\n' "b\"\"\"GET $path$rest HTTP/1.1\r\nHost: localhost\r\n\r\n\"\"\""
    done
  done
)
same "200 open" "$port" <<'EOF'
b"GET http://localhost/auth/\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"BREW /auth/\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"GET /auth/" + bytes(range(0x80, 0x100)) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
EOF

it "elsewhere they are refused"
same "400 close" "$port" <<'EOF'
b"GET /token#a HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"GET /token?\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"GET /tokens/\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"GET /\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"GET /authx/\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"GET /auth\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"GET /docs#a HTTP/1.1\r\nHost: localhost\r\n\r\n"
EOF

it "and so are, below /auth too, spaces and control characters"
same "400 close" "$port" < <(
  for byte in 00 01 08 09 0b 0c 0d 1f 20 7f; do
    printf '%s\n' "b'GET /auth/a\\x${byte}b HTTP/1.1\r\nHost: localhost\r\n\r\n'"
    printf '%s\n' "b'GET /auth/\\xe9\\x${byte}b HTTP/1.1\r\nHost: localhost\r\n\r\n'"
  done
)

it "what was refused and what was taken are never mistaken for each other"
for _ in 1 2; do
  for pair in "auth 200 open" "token 400 close"; do
    same "${pair#* }" "$port" \
      <<<"b'GET /${pair%% *}?\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n'"
  done
done

it "an empty Host is one; none at all is not"
same "200 open" "$port" <<'EOF'
b"GET /token HTTP/1.1\r\nHost:\r\n\r\n"
b"GET /token HTTP/1.1\r\nHost: \t\r\n\r\n"
b"GET /auth HTTP/1.1\r\nhost:\r\nA: b\r\n\r\n"
EOF
same "400 close" "$port" <<'EOF'
b"GET /token HTTP/1.1\r\n\r\n"
b"GET /token HTTP/1.1\r\nHost:\r\nHost:\r\n\r\n"
b"GET /token HTTP/1.1\r\nHost:\r\nHost: localhost\r\n\r\n"
b"GET /token HTTP/1.1\r\nHost: :80\r\n\r\n"
EOF

it "blank lines before a request are skipped, up to a limit"
same "200 open" "$port" <<'EOF'
b"\r\n" * 5 + b"GET /token HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"\r\n" * 100 + b"GET /token HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"\r\n" * 1000 + b"GET /token HTTP/1.1\r\nHost: localhost\r\n\r\n"
EOF
same "400 close" "$port" <<'EOF'
b"\r\n" * 100000
b"\n" * 5 + b"GET /token HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"\r\n \r\nGET /token HTTP/1.1\r\nHost: localhost\r\n\r\n"
EOF

it "an unknown method is 501, however long"
same "501 open" "$port" <<'EOF'
b"BREW /token HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"B" * 10000 + b" /token HTTP/1.1\r\nHost: localhost\r\n\r\n"
EOF
same "501 close" "$port" <<'EOF'
b"B" * 17000 + b" /token HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"B" * 100000 + b" /token HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"B" * 100000 + b" /auth HTTP/1.1\r\nHost: localhost\r\n\r\n"
EOF
same "414 close" "$port" <<'EOF'
b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
b"GET /auth/" + b"\xc3" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
EOF

finish
