#!/bin/bash
# SPDX-License-Identifier: MIT
# The recipes of examples/backends make the request that each product documents,
# and read its answer: against a stand-in that takes no other request.
# limit: 120
. "$(dirname "$0")/lib.sh"

EXAMPLES=$BB_SOURCE/../../examples/backends

# adapted NAME: a recipe with the stand-in's address and this test's secret.
adapted() {
  sed -E -e "s,base-url = \"[^\"]*\",base-url = \"$SERVER/$1\"," \
    -e "s,/etc/bearerd/[a-z0-9-]+,$BB_DIR/secret," "$EXAMPLES/$1.conf"
}

port=$(free_port)
SERVER=http://127.0.0.1:$port
spawn server python3 "$BB_SOURCE/recipes.py" "$port"
await "grep -q ready '$BB_DIR/server.log'"
printf 'p"\\&%%+\xc3\xbc/ w\n' >"$BB_DIR/secret"
curl -sS --noproxy '*' "$SERVER/expected" >"$BB_DIR/expected"
while IFS=$'\t' read -r name _; do
  adapted "$name"
done <"$BB_DIR/expected" >"$BB_DIR/a.conf"
start_bearerd -l --config="$BB_DIR/a.conf" --wait-limit=1s

while IFS=$'\t' read -r name token life fields; do
  it "$name: its request, its token, its life, its fields"
  await "[ -n \"\$(json token \"\$(get $URL/tokens/$name)\")\" ]" ||
    fail "differs: $(get "$SERVER/differs?$name")"
  http "$URL/tokens/$name"
  assert_eq "$token" "$(json token)" "token"
  # what is left after a moment and the reserve
  reserve=$((life / 10 > 30 ? 30 : life / 10))
  assert_between $((life - reserve - 60)) $((life - reserve)) \
    "$(json expires_in)" "expires_in"
  http "$URL/tokens/$name/auth"
  while IFS= read -r field; do
    assert_eq "${field#*: }" "$(header "${field%%: *}")" "${field%%: *}"
  done < <(tr '\t' '\n' <<<"$fields")
done <"$BB_DIR/expected"

it "each recipe is run here or as one of an identity provider"
for file in "$EXAMPLES"/*.conf; do
  name=$(basename "$file" .conf)
  grep -q "^$name	" "$BB_DIR/expected" ||
    grep -q "PROVIDERS=.*\b$name\b\|^  [a-z0-9 -]*\b$name\b" \
      "$BB_SOURCE/0653-oauth-recipes.sh" || fail "$name is run nowhere"
  [ -s "$EXAMPLES/$name.md" ] || fail "$name has no page"
  grep -q "($name.md)" "$EXAMPLES/README.md" || fail "README.md lacks $name"
done
assert_no_match ' err ' "$(cat "$BB_DIR/bearerd.log")" "log"
