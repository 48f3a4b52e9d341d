#!/bin/bash
# SPDX-License-Identifier: MIT
# A hundred reloads and ten upgrades in a minute, under load.
# needs: python3
. "$(dirname "$0")/lib.sh"
. "$BB_SOURCE/lib-upgrade.sh"

RELOADS=100 EVERY=10 STEP_MS=540

# sum NAME: of what both kinds of callers have counted.
sum() {
  cat "$BB_DIR/keep.log" "$BB_DIR/new.log" | awk -F = -v name="$1" \
    '$1 == name { n += $2 } END { print n + 0 }'
}

# reload: and wait until the generation before is gone.
reload() {
  local gone
  gone=$(log_count 'the old workers are gone')
  kill -s HUP "$MASTER"
  await "[ \$(log_count 'the old workers are gone') -gt $gone ]" 20
}

# descriptors: how many the master has open.
descriptors() {
  find "/proc/$MASTER/fd" -mindepth 1 | wc -l
}

use_copy
start_stub -l 600
start_bearerd --workers=2 --log-level=info --drain-timeout=5s
MASTER=$(pid_of bearerd)
port=${URL##*:}
token=$(token_now)
fds=$(descriptors)

it "100 reloads and 10 upgrades under load lose nothing"
spawn keep "$BB_SOURCE/callers.py" "$port" 900 25 600 keep
spawn new "$BB_SOURCE/callers.py" "$port" 900 25 450 new
from=$(now_ms) next=$(now_ms)
for ((i = 1; i <= RELOADS; i++)); do
  reload || break
  if [ $((i % EVERY)) -eq 0 ]; then
    before=$MASTER
    upgrade || break
    await "! is_running $before" 20
  fi
  next=$((next + STEP_MS))
  while [ "$(now_ms)" -lt $next ]; do sleep 0.02; done
done
took=$(($(now_ms) - from))
kill -s TERM "$(pid_of keep)" "$(pid_of new)"
await "! is_running $(pid_of keep) && ! is_running $(pid_of new)" 90
echo "# $(log_count 'was reloaded') reloads, $(log_count 'is the master now')" \
  "upgrades in $((took / 1000)) s; $(sum status_200) answers" \
  "($(sed -n 's/^status_200=//p' "$BB_DIR/keep.log") on kept connections)," \
  "$(sum lost) lost, $(sum refused) refused, $(sum wrong) wrong"
for what in lost refused wrong; do
  assert_eq 0 "$(sum $what)" "$what"
done
for who in keep new; do
  assert_eq status_200 "$(grep -o '^status_[0-9]*' "$BB_DIR/$who.log")" "$who"
done
assert_eq $RELOADS "$(log_count 'was reloaded')" "reloads"
assert_eq $((RELOADS / EVERY)) "$(log_count 'is the master now')" "upgrades"

it "each of them had a hundred requests and more"
assert_between $((RELOADS * 100)) 10000000 "$(sum status_200)" "answers"

it "one token, one backend call, and nothing died"
assert_eq "$token" "$(token_now)" "token"
assert_eq 1 "$(stub_calls)" "backend calls"
assert_eq 0 "$(log_count ' died: ')" "deaths"

it "nothing has piled up"
assert_eq "$fds" "$(descriptors)" "open descriptors"
assert_eq 3 "$(children_of "$MASTER" | wc -l)" "children"

finish
