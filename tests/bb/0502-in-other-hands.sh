#!/bin/bash
# SPDX-License-Identifier: MIT
# A process that was taken over, for a moment; tests/trust/run takes longer.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/trust/lib.sh disable=SC1091
. "$(dirname "$0")/../trust/lib.sh"

scribbling 4

it "a worker cannot have tokens renewed as the master can"
if [ "$(id -u)" -ne 0 ]; then
  skip "needs root"
else
  start_stub -n long -l 600
  write_conf 0
  start_bearerd --config="$BB_DIR/bearerd.conf" --workers=2
  MASTER=$(pid_of bearerd)
  calls=$(stub_calls)
  "$BB_DIR/scribble" renew 300 "$(pid_titled 'worker 0')" >"$BB_DIR/renew"
  assert_match '[1-9][0-9]* messages over 1 channels' "$(cat "$BB_DIR/renew")" \
    "what was said"
  expect_status 200 "$URL/token"
  assert_eq "$calls" "$(stub_calls)" "backend calls"
  timeout 20 "$BUILD/bearerctl" -c "$BB_DIR/bearerd.conf" renew \
    >"$BB_DIR/looked" 2>&1 # the master may, and was waited for
  assert_eq $((calls + 1)) "$(stub_calls)" "backend calls"
fi

finish
