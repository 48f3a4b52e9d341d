#!/bin/bash
# SPDX-License-Identifier: MIT
# A token of ten seconds' life under a minute of load.
# needs: python3
. "$(dirname "$0")/lib.sh"

start_redis --loglevel notice
start_stub -l 10
start_bearerd
before=$(stub_calls)

it "a minute of load sees nothing but whole, living tokens"
# 9 s: the life less its reserve.
from=$(now_ms)
callers=$("$BB_SOURCE/callers.py" "${URL##*:}" 60 50 1500 keep 9000)
assert_match '^status_200=[0-9]{3,}$' "$(grep status_200 <<<"$callers")" "200s"
assert_eq status_200 "$(grep -o '^status_[0-9]*' <<<"$callers")" "statuses"
for what in lost refused wrong late; do
  assert_eq "$what=0" "$(grep "^$what=" <<<"$callers")" "$what"
done

it "the backend is called once in six to ten seconds meanwhile"
seconds=$((($(now_ms) - from) / 1000))
assert_between $((seconds / 10)) $((seconds / 6 + 1)) \
  $(($(stub_calls) - before)) "backend calls in $seconds s"

finish
