# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib-upgrade.sh - for tests that change the program under way: the daemon runs
# from a copy, whose file can be replaced.

# use_copy: start_bearerd starts $BB_DIR/bin/bearerd from now on.
use_copy() {
  ORIGINAL=$BEARERD
  BEARERD=$BB_DIR/bin/bearerd
  mkdir -p "$BB_DIR/bin"
  put_program
}

# put_program: the program itself, as a new file.
put_program() {
  cp "$ORIGINAL" "$BB_DIR/bin/next" && mv "$BB_DIR/bin/next" "$BEARERD"
}

# put_script CODE: a shell script in the place of the program.
put_script() {
  printf '#!/bin/sh\n%s\n' "$1" >"$BB_DIR/bin/next"
  chmod +x "$BB_DIR/bin/next" && mv "$BB_DIR/bin/next" "$BEARERD"
}

# log_count TEXT: lines of bearerd.log with it.
log_count() {
  grep -c -- "$1" "$BB_DIR/bearerd.log"
}

# upgrade: with the file that is there; MASTER becomes the new master.
upgrade() {
  local before
  before=$(log_count 'is the master now')
  kill -s USR2 "$MASTER"
  await "[ \$(log_count 'is the master now') -gt $before ]" 40 || return
  MASTER=$(sed -n 's/.*process \([0-9]*\) is the master now.*/\1/p' \
    "$BB_DIR/bearerd.log" | tail -n 1)
  adopt "master-$MASTER" "$MASTER"
}
