#!/bin/bash
# SPDX-License-Identifier: MIT
# Whoever collects logs as JSON gets what prevented a start as JSON, too.
# needs: python3
. "$(dirname "$0")/lib.sh"

# json_errors: the messages of lines that are JSON, and of level err.
json_errors() {
  /usr/bin/python3 -c '
import json, sys
for line in sys.stdin:
    d = json.loads(line)
    print(d["level"], [v for v in d.values() if isinstance(v, str)])' 2>&1
}

run() {
  { env -i PATH="$PATH" "$@" >/dev/null; } 2>&1
}

printf 'base-url = "ftp://x"\nworkers = 9999\nlog-format = json\n' >"$BB_DIR/a.conf"
printf 'base-url = "ftp://x"\nlog-format = json\nnonsense = 1\n' >"$BB_DIR/b.conf"
printf 'base-url = "ftp://x"\n' >"$BB_DIR/c.conf"

it "errors are JSON, one a line, wherever log-format is set"
text=$(run "$BEARERD" -c "$BB_DIR/a.conf")
lines=$(json_errors <<<"$text")
assert_eq 2 "$(grep -c '^err ' <<<"$lines")" "lines"
assert_match 'a.conf:2.*workers|workers.*a.conf' "$lines" "lines"
for try in "BEARERD_LOG_FORMAT=json $BEARERD" "$BEARERD --log-format=json"; do
  for flag in '' -t; do
    # shellcheck disable=SC2086 # several words
    text=$(run $try -c "$BB_DIR/c.conf" $flag)
    assert_match '^err .*base-url' "$(json_errors <<<"$text")" "$try $flag"
  done
done

it "also when the file has a mistake that ends the reading of it"
text=$(run BEARERD_LOG_FORMAT=json "$BEARERD" -c "$BB_DIR/b.conf")
assert_match '^err .*nonsense' "$(json_errors <<<"$text")" "unknown option"
text=$(run BEARERD_LOG_FORMAT=json "$BEARERD" -c "$BB_DIR/none.conf")
assert_match '^err .*none.conf' "$(json_errors <<<"$text")" "no such file"

it "without it they are lines for people"
text=$(run "$BEARERD" -c "$BB_DIR/c.conf")
assert_match "c.conf:1: base-url: " "$text" "text"
text=$(run BEARERD_LOG_FORMAT=jsno "$BEARERD" -c "$BB_DIR/c.conf")
assert_match "BEARERD_LOG_FORMAT: 'jsno' must be one of" "$text" "text"
assert_no_match '[{]' "$text" "text"

it "the exit status is that of a wrong configuration"
run "$BEARERD" -c "$BB_DIR/a.conf" >/dev/null
assert_eq 2 $? "exit status"

finish
