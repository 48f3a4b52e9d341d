# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib.sh - a process that scribbles over all that it may write to, and those
# that must not mind.  After tests/bb/lib.sh.

# pid_titled REGEX: the children of bearerd with this title.
pid_titled() {
  children_of "$MASTER" "$1"
}

# look: whatever reads the memory does so: workers, the master.
look() {
  local path
  for path in /metrics /status /status.json /readyz; do
    curl -s -m 2 -o "$BB_DIR/looked" "$ADMIN$path"
  done
  curl -s -m 2 -o "$BB_DIR/looked" "$URL/token"
  curl -s -m 2 -o "$BB_DIR/looked" -X DELETE -H 'If-Match: "1-x"' "$URL/token"
  for path in status "status --json" check get; do
    # shellcheck disable=SC2086 # words
    timeout 5 "$BUILD/bearerctl" -c "$BB_DIR/bearerd.conf" \
      --shm-name="${SHM_NAMES[-1]}" $path >>"$BB_DIR/looked.log" 2>&1
  done
}

# replace PID: the program, while that process scribbles.
replace() {
  local before
  before=$(ends)
  "$BB_DIR/scribble" "$SCRIBBLE_SEED" 4000 "$1" >>"$BB_DIR/scribbled" 2>&1 &
  kill -s USR2 "$MASTER"
  await "[ \$(ends) -gt $before ]" 60
  if tail -n 1 <<<"$(grep -E "$ENDS" "$BB_DIR/bearerd.log")" | grep -q now; then
    MASTER=$(sed -n 's/.*process \([0-9]*\) is the master now.*/\1/p' \
      "$BB_DIR/bearerd.log" | tail -n 1)
    adopt "master-$MASTER" "$MASTER"
    # shellcheck disable=SC2034 # stop looks there
    PID_OF["bearerd"]=$MASTER
  fi
}

# ends: how many upgrades have come to one.
ENDS='is the master now|the upgrade failed'
ends() {
  grep -c -E "$ENDS" "$BB_DIR/bearerd.log"
}

# scribble TITLE SECONDS: the process of this title, whichever it is then.
scribble() {
  local end=$(($(now_ms) + $2 * 1000)) pid round=0
  while [ "$(now_ms)" -lt "$end" ]; do
    round=$((round + 1))
    pid=$(pid_titled "$1" | head -n 1)
    if [ -n "$pid" ]; then
      "$BB_DIR/scribble" "$((round + SCRIBBLE_SEED))" 400 "$pid" \
        >>"$BB_DIR/scribbled" 2>&1 &
      look
      wait $! || [ $? -ne 77 ] || return 77
    else
      sleep 0.1
    fi
    if [ $((round % 9)) -eq 5 ] && [ -n "$pid" ]; then
      replace "$pid"
    fi
    # a reload with other tokens, back and forth: a new segment, a take-over
    if [ $((round % 7)) -eq 0 ]; then
      write_conf $((round / 7 % 3))
      kill -s HUP "$MASTER"
    fi
  done
}

# write_conf EXTRA: with that many further tokens.
write_conf() {
  {
    printf 'base-url = "%s"\napi-key = "%s"\n' "$STUB_URL" "$STUB_KEY"
    printf 'control-socket = "%s"\n' "$BB_DIR/control"
    echo 'drain-timeout = 2s'
    echo 'token token { }'
    [ "$1" -lt 1 ] || echo 'token more { }'
    [ "$1" -lt 2 ] || echo 'token yet-more { }'
  } >"$BB_DIR/bearerd.conf"
}

# died WHAT: how many of these did, or had to be killed.
died() {
  grep -c -E "(^| )$1 [0-9]+ (died|does not respond)" "$BB_DIR/bearerd.log"
}

# scribbling SECONDS: the cases.
scribbling() {
  local who others seconds=$1
  SCRIBBLE_SEED=${SCRIBBLE_SEED:-1}
  ${CC:-cc} -O1 -o "$BB_DIR/scribble" -D_GNU_SOURCE -iquote "$BUILD" \
    "$(dirname "${BASH_SOURCE[0]}")/scribble.c" || bail "no compiler"
  start_stub -l 5
  for who in refresher 'worker 0'; do
    it "$who scribbles for $seconds s: nobody else minds"
    write_conf 0
    rm -f "$BB_DIR/scribbled" "$BB_DIR/bearerd.log"
    start_bearerd --config="$BB_DIR/bearerd.conf" --workers=2
    MASTER=$(pid_of bearerd)
    scribble "$who" "$seconds"
    [ $? -ne 77 ] || { skip "needs root" && stop bearerd && continue; }
    others='refresher'
    [ "$who" != refresher ] || others='worker'
    assert_eq 0 "$(died "$others")" "deaths of ${others}s"
    is_running "$MASTER" || fail "the master is gone"
    assert_no_match 'AddressSanitizer|runtime error' \
      "$(grep -h -A12 -E 'Sanitizer|runtime error' "$BB_DIR/bearerd.log" \
        "$BB_DIR/looked.log")" log
    assert_match '[1-9][0-9]* writes into [1-9]' \
      "$(cat "$BB_DIR/scribbled")" "what was done"
    # when the process that was in other hands is gone, all is well
    pid=$(pid_titled "$who" | head -n 1)
    [ -z "$pid" ] || kill -s KILL "$pid"
    await "curl -sf -m 2 '$URL/token'" 20
    await "curl -sf -m 2 '$ADMIN/readyz'" 20
    stop bearerd
  done
}
