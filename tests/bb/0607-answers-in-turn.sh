#!/bin/bash
# SPDX-License-Identifier: MIT
# A backend of two nodes, each of which repeats a token of its own: what one
# says is measured by what it said before, not by the other's token.
. "$(dirname "$0")/lib.sh"

say() { stub_set "mode=ok" --data-binary "$1"; }

# shellcheck disable=SC2119 # no options
start_stub
say '{"access_token":"tok-A","expires_in":600}'
start_bearerd

it "the second node's token takes the first one's place"
await '[ "$(token_now)" = tok-A ]'
say '{"access_token":"tok-B","expires_in":300}'
ask_again
await '[ "$(token_now)" = tok-B ]'
assert_eq tok-B "$(token_now)" "token"

it "an ended token of the first node is not handed out again"
say '{"access_token":"tok-A","expires_in":0}'
ask_again
await 'grep -q "says that it has expired" "$BB_DIR/bearerd.log"'
assert_eq tok-B "$(token_now)" "token"

it "a token of the first node that still lives is taken with that life"
say '{"access_token":"tok-A","expires_in":200}'
ask_again
await '[ "$(token_now)" = tok-A ]'
expect_status 200 "$URL/token"
assert_between 100 200 "$(json expires_in)" "expires_in"

finish
