#!/bin/bash
# SPDX-License-Identifier: MIT
# HUP, USR1, TERM: what changes, and what callers see of it.
# needs: python3
. "$(dirname "$0")/lib.sh"

# write_conf LINE...: the file that the instance reads.
write_conf() {
  printf '%s\n' "base-url = \"$STUB_URL\"" "api-key = \"$STUB_KEY\"" "$@" \
    >"$BB_DIR/bearerd.conf"
}

status_of() { # shellcheck disable=SC2317 # await evaluates it
  curl -s --noproxy '*' -o /dev/null -w '%{http_code}' "$1"
}

start_redis --loglevel notice
start_stub -l 600
write_conf 'token one { }'
start_bearerd --config="$BB_DIR/bearerd.conf" --log-level=debug --workers=2
master=$(pid_of bearerd)

it "HUP with another token: it is served, and the first is taken over"
token=$(token_now)
calls=$(stub_calls)
write_conf 'token one { }' 'token two { }'
kill -s HUP "$master"
await "[ \$(status_of '$URL/tokens/two') = 200 ]"
assert_eq "$token" "$(token_now)" "token one"
assert_eq $((calls + 1)) "$(stub_calls)" "backend calls"

it "while the old workers of such a reload drain, they get newer tokens too"
write_conf 'token one { }' 'token two { }' 'token three { }'
exec 5<>"/dev/tcp/127.0.0.1/${URL##*:}"
printf 'HEAD /token HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5
await "read -r -t 1 line <&5 && [[ \$line == $'\r' ]]"
kill -s HUP "$master"
await "[ \$(status_of '$URL/tokens/three') = 200 ]"
kill -s USR1 "$master"
await "[ \"\$(token_now)\" != '$token' ]"
token=$(token_now)
printf 'GET /token HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5
assert_match "\"$token\"" "$(timeout 5 cat <&5)" "answer of an old worker"
exec 5>&-
write_conf 'token one { }' 'token two { }'
kill -s HUP "$master"
await "[ \$(status_of '$URL/tokens/three') = 404 ]"

it "HUP with a broken file: the old configuration runs on, the log says where"
write_conf 'token one { }' 'toekn two { }'
kill -s HUP "$master"
await "grep -q 'the configuration was not reloaded' '$BB_DIR/bearerd.log'"
assert_log bearerd "$BB_DIR/bearerd.conf:4: .*toekn"
expect_status 200 "$URL/tokens/two"

it "a hundred HUPs in a second are two reloads while a caller is connected"
await "[ \$(grep -c 'workers are gone' '$BB_DIR/bearerd.log') -eq 3 ]"
exec 5<>"/dev/tcp/127.0.0.1/${URL##*:}" # old workers wait for it
printf 'HEAD /token HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5
await "read -r -t 1 line <&5 && [[ \$line == $'\r' ]]"
write_conf 'token one { }'
for _ in {1..100}; do
  kill -s HUP "$master"
  sleep 0.008
done
await "[ \$(status_of '$URL/tokens/two') = 404 ]"
assert_eq 4 "$(grep -c 'was reloaded' "$BB_DIR/bearerd.log")" "reloads"
assert_between 3 4 "$(children_of "$master" worker | wc -l)" "workers"
exec 5>&-
await "[ \$(grep -c 'workers are gone' '$BB_DIR/bearerd.log') -eq 5 ]"
assert_eq 5 "$(grep -c 'was reloaded' "$BB_DIR/bearerd.log")" "reloads"
expect_status 200 "$URL/token"

it "ten reloads under load lose nothing"
spawn callers "$BB_SOURCE/callers.py" "${URL##*:}" 600 30 900 keep
for _ in {1..10}; do
  old=$(grep -c 'workers are gone' "$BB_DIR/bearerd.log")
  kill -s HUP "$master"
  await "[ \$(grep -c 'workers are gone' '$BB_DIR/bearerd.log') -gt $old ]" 20
done
kill -s TERM "$(pid_of callers)"
await "! is_running $(pid_of callers)" 20
for what in lost refused wrong; do
  assert_eq "$what=0" "$(grep "^$what=" "$BB_DIR/callers.log")" "$what"
done
assert_eq status_200 "$(grep -o '^status_[0-9]*' "$BB_DIR/callers.log")" "statuses"
assert_between 100 1000000 "$(sed -n 's/^status_200=//p' "$BB_DIR/callers.log")" \
  "answers"

it "USR1 renews"
token=$(token_now)
kill -s USR1 "$master"
await "[ \"\$(token_now)\" != '$token' ]"

it "TERM: an open connection is answered once more, and told to close"
exec 5<>"/dev/tcp/127.0.0.1/${URL##*:}"
printf 'GET /auth HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5
await "read -r -t 1 line <&5 && [[ \$line == *200* ]]"
kill -s TERM "$master"
await "! curl -s --noproxy '*' -o /dev/null '$ADMIN/healthz'"
printf 'GET /auth HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5
assert_match 'Connection: close' "$(timeout 5 cat <&5)" "second answer"
exec 5>&-
await "! is_running $master"
wait "$master"
assert_eq 0 $? "exit status"

finish
