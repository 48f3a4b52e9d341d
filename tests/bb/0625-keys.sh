#!/bin/bash
# SPDX-License-Identifier: MIT
# Keys with what editors, shells and env files leave around them: named, and
# never sent.
. "$(dirname "$0")/lib.sh"

start_stub -l 600

# KEY as printf(1) has it ~ what is said of it
files='\357\273\277test-key\n~byte order mark
\377\376t\000e\000s\000t\000\n\000~UTF-16
"test-key"\n~quotes
test-key\033[0m\n~control characters
test-key\302\240\n~nobody sees'
number=0
while IFS='~' read -r content says; do
  it "a key file is refused in words, and asks nobody: $says"
  name=file$((number += 1))
  # shellcheck disable=SC2059 # it is a format
  printf "$content" >"$BB_DIR/$name.key"
  stub_set "mode=ok&count=reset"
  start_bearerd -n "$name" -l -u API_KEY --api-key-file="$BB_DIR/$name.key"
  await "grep -q 'err .* token token: .*$name.key: must not .*$says' '$BB_DIR/$name.log'"
  assert_log "$name" "warning .*api-key-file: .*$name.key: must not .*$says"
  expect_status 503 "$URL/token"
  assert_eq 0 "$(stub_calls)" "backend calls"
  assert_no_match 'test-key' "$(cat "$BB_DIR/$name.log")" "log"
  stop "$name"
done <<<"$files"

it "a key file is used once it was mended"
printf '\357\273\277test-key\n' >"$BB_DIR/mended.key"
start_bearerd -n mended -l -u API_KEY --api-key-file="$BB_DIR/mended.key"
await "grep -q 'byte order mark' '$BB_DIR/mended.log'"
printf 'test-key\n' >"$BB_DIR/mended.key"
await '[ -n "$(token_now)" ]' 30
stop mended

for variable in API_KEY BEARERD_API_KEY REDIS_PW; do
  it "$variable in quotes, as an env file leaves them, is an error that names it"
  said=$(env -i BASE_URL="$STUB_URL" \
    ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$variable='geheim'" \
    "$BEARERD" --test 2>&1)
  assert_eq 2 $? "status"
  assert_match "$variable: must not stand in quotes" "$said"
  assert_no_match geheim "$said"
done

it "a configuration file may begin with a byte order mark"
printf '\357\273\277# made by an editor\r\nworkers = 1\r\n' >"$BB_DIR/bom.conf"
start_bearerd -n bom --config="$BB_DIR/bom.conf"
assert_ne "" "$(token_now)" "token"
stop bom

it "one in UTF-16 is an error in words"
printf '\377\376w\000o\000' >"$BB_DIR/utf16.conf"
said=$(env -i BASE_URL="$STUB_URL" \
    ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$BEARERD" --test \
  --config="$BB_DIR/utf16.conf" 2>&1)
assert_eq 2 $? "status"
assert_match "utf16.conf: .*UTF-16" "$said"

finish
