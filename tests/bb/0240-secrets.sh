#!/bin/bash
# SPDX-License-Identifier: MIT
# Nothing leaks: canaries as token, key and password are looked for wherever
# they must not be.
# needs: python3
. "$(dirname "$0")/lib.sh"

KEY=c4nary-api-key PASSWORD=c4nary-password TOKEN='stub-[0-9]+-[0-9a-f]{16}'
STUB_KEY=$KEY
printf 'c4nary-session\n' >"$BB_DIR/session"
start_redis --requirepass "$PASSWORD"
start_stub -l 600
start_bearerd --log-level=debug BEARERD_PASSWORD=c4nary-user --method=POST \
  --username=bob --secret-file="session=$BB_DIR/session" \
  --path='/@{session}/token?p=@{password}' \
  --request-header='X-Session: @{session:base64}' \
  --request-body='{"u":"@{username}","p":"@{password}","s":"@{session}"}'
SESSION64=$(printf c4nary-session | base64)
master=$(pid_of bearerd)
processes="$master $(children_of "$master" | tr '\n' ' ')"

it "all paths that a canary could take have been used"
expect_status 200 "$URL/token"
token=$(json token)
http "$URL/token" -X DELETE -H "Authorization: Bearer $token"
http "$URL/token" -X DELETE -H "Authorization: Bearer c4nary-wrong"
http "$URL/nowhere?token=$token" -H "Authorization: Bearer $token"
stub_set 'status=401' && kill -s USR1 "$master"
await "grep -q 'refuses our credentials' '$BB_DIR/bearerd.log'"
stub_set 'mode=inject' && kill -s USR1 "$master"
stub_set 'mode=ok' && kill -s USR1 "$master"
redis CLIENT KILL TYPE normal SKIPME yes >/dev/null
kill -s KILL "$(children_of "$master" refresher)"
await "kill -s USR1 $master; [ \"\$(token_now)\" != '$token' ]" 15

it "the backend has got them all"
stub_set 'mode=redirect' && kill -s USR1 "$master"
await "grep -q 'status 302' '$BB_DIR/bearerd.log'"
got=$(curl -s --noproxy '*' "$STUB_URL/control")
for text in '/c4nary-session/token?p=c4nary-user' "X-Session: $SESSION64" \
  '{"u":"bob","p":"c4nary-user","s":"c4nary-session"}'; do
  [[ $got == *"$text"* ]] || fail "no $text in $got"
done

it "the log at debug level has none of them"
assert_no_match "c4nary|$SESSION64|$TOKEN" "$(cat "$BB_DIR/bearerd.log")" "log"

it "command lines and environments as /proc shows them have none"
for pid in $processes; do
  shown=$(cat "/proc/$pid/cmdline" "/proc/$pid/environ" 2>/dev/null | tr '\0' ' ')
  assert_no_match "c4nary|$TOKEN" "$shown" "process $pid"
done

it "metrics, status and errors have none"
for url in "$ADMIN/metrics" "$ADMIN/status" "$ADMIN/status.json" \
  "$ADMIN/readyz" "$ADMIN/token" "$URL/nowhere?t=$token" "$URL/tokens/$token"; do
  assert_no_match "c4nary|$TOKEN" "$(curl -s --noproxy '*' -i "$url")" "$url"
done

it "a worker's memory has neither key nor password nor another secret"
need_root
[ -z "${ASAN_OPTIONS:-}" ] ||
  skip "the sanitizer keeps a copy of the environment for itself"
for pid in $(children_of "$master" worker); do
  [ -z "${ASAN_OPTIONS:-}" ] || break
  assert_eq 0 "$(python3 "$BB_SOURCE/canaries.py" "$pid" \
    'c4nary-(api-key|password|user|session)')" "canaries in worker $pid"
done

it "no process leaves a core file, and the slots would not be in it"
need_root
for pid in $master $(children_of "$master"); do
  assert_match 'Max core file size +0 +0 ' "$(cat "/proc/$pid/limits")" "limits"
  assert_match 'VmFlags:.* dd( |$)' "$(sed -n '/bearerd-test/,/^VmFlags/p' \
    "/proc/$pid/smaps")" "flags of the segment in $pid"
done

finish
