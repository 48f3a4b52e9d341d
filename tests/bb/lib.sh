# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib.sh - what the black-box tests share; each begins with
#     . "$(dirname "$0")/lib.sh"
# then says what holds (`it "a sentence"`), does something, and asserts.  A
# case is passed when no assertion failed up to the next `it` or the end.
#
# From the environment: BUILD, the build folder (the source's own by default);
# BEARERD, the program; BEARERD_WRAP, a command to run it under; BB_SLOW, a
# factor for all time limits; BB_DIR, an empty folder for logs and files.
#
# Only processes that a test has started are ended, by their pid.

set -u
PATH=/usr/bin:/bin:$PATH # Debian's python3, which has Debian's packages
BB_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=$(cd "${BUILD:-$BB_SOURCE/../..}" && pwd)
BEARERD=${BEARERD:-$BUILD/bearerd}
BEARERD_WRAP=${BEARERD_WRAP:-}
BB_SLOW=${BB_SLOW:-1}
BB_CPUS=$(nproc)
BB_OWN_DIR=
if [ -z "${BB_DIR:-}" ]; then
  BB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/bearerd-bb.XXXXXX")
  BB_OWN_DIR=yes
fi

STUB_KEY=test-key
STUB_URL="" REDIS_ADDRESS="" REDIS_PORT="" REDIS_PASSWORD=""
CASES=0 FAILED_CASES=0 CASE="" CASE_STATE=""
ADOPTED=() SHM_NAMES=() INSTANCES=0
declare -A PID_OF=() # name of a started program -> pid
declare -A PIDS=()   # of programs that were started and not yet reaped

. "$BB_SOURCE/lib-start.sh"

# ---- cases ----------------------------------------------------------------

end_case() {
  [ -n "$CASE" ] || return 0
  [ ! -e "$BB_DIR/case.failed" ] || CASE_STATE=failed
  rm -f "$BB_DIR/case.failed"
  case $CASE_STATE in
  ok) echo "ok $CASES - $CASE" ;;
  failed) echo "not ok $CASES - $CASE" && FAILED_CASES=$((FAILED_CASES + 1)) ;;
  *) echo "ok $CASES - $CASE # SKIP $CASE_STATE" ;;
  esac
  CASE=
}

# it SENTENCE: begin a case.
it() {
  end_case
  CASE=$1 CASE_STATE=ok CASES=$((CASES + 1))
}

# fail TEXT: the current case has failed, for this reason; a screen must do for
# it, however long a token is.
fail() {
  [ -n "$CASE" ] || it "the test is set up"
  ! is_skipped || return 1
  CASE_STATE=failed
  # the side of a pipeline, say, has variables of its own
  [ "$BASH_SUBSHELL" -eq 0 ] || : >"$BB_DIR/case.failed"
  printf '%s\n' "$1" | sed -E 's/([^ ]{60})[^ ]{60,}/\1.../g; s/^/# /' |
    cut -c 1-500 | head -n 12
  return 1
}

# skip REASON: the current case cannot be tried here; nothing of it is waited
# for, and none of its assertions count.
skip() {
  [ "$CASE_STATE" = failed ] || CASE_STATE=$1
}

is_skipped() {
  [ -n "$CASE" ] && [ "$CASE_STATE" != ok ] && [ "$CASE_STATE" != failed ]
}

# need_root: skip the case where we are not; fails then.
need_root() {
  [ "$(id -u)" -eq 0 ] || { skip "needs root" && return 1; }
}

# need_root_for_all SENTENCE: of a test that can show nothing without.
need_root_for_all() {
  [ "$(id -u)" -eq 0 ] && return
  it "$1"
  skip "needs root"
  exit
}

# bail TEXT: there is no point in going on.
bail() {
  CASE_STATE=failed
  fail "$1"
  exit 1
}

# Runs at every exit of a test.
finish() {
  local status=$? log
  trap - EXIT
  if [ "$status" -ne 0 ] && [ "$CASE_STATE" != failed ] && ! is_skipped; then
    fail "the test ended early, with status $status"
  fi
  stop_all
  give_ports_back
  for log in "$BB_DIR"/*.log; do
    [ -e "$log" ] || continue
    if grep -q -E 'ERROR: [A-Za-z]+Sanitizer|runtime error:|ERROR SUMMARY: [1-9]' \
      "$log"; then
      it "sanitizers find nothing in $(basename "$log")"
      fail "$(grep -m 3 -E 'Sanitizer|runtime error|SUMMARY' "$log")"
    fi
  done
  end_case
  echo "1..$CASES"
  if [ "$FAILED_CASES" -eq 0 ] && [ -n "$BB_OWN_DIR" ]; then
    rm -rf "$BB_DIR"
  elif [ "$FAILED_CASES" -gt 0 ]; then
    echo "# logs are in $BB_DIR"
  fi
  [ "$FAILED_CASES" -eq 0 ]
  exit
}
trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# ---- assertions -----------------------------------------------------------

# assert_eq EXPECTED ACTUAL [WHAT]
assert_eq() {
  [ "$1" = "$2" ] || fail "${3:-value}: expected \"$1\", got \"${2:0:300}\""
}

# assert_ne UNEXPECTED ACTUAL [WHAT]
assert_ne() {
  [ "$1" != "$2" ] || fail "${3:-value}: must not be \"$1\""
}

# assert_match EXTENDED-REGEX TEXT [WHAT]
assert_match() {
  [[ $2 =~ $1 ]] || fail "${3:-text}: \"${2:0:300}\" does not match /$1/"
}

# assert_no_match EXTENDED-REGEX TEXT [WHAT]
assert_no_match() {
  [[ ! $2 =~ $1 ]] || fail "${3:-text}: \"${2:0:300}\" matches /$1/"
}

# assert_between LEAST MOST NUMBER [WHAT]
assert_between() {
  if [[ ! $3 =~ ^-?[0-9]+$ ]] || [ "$3" -lt "$1" ] || [ "$3" -gt "$2" ]; then
    fail "${4:-number}: \"$3\" is not in $1 to $2"
  fi
}

# assert_log NAME EXTENDED-REGEX: a program has logged a matching line.
assert_log() {
  grep -q -E -- "$2" "$BB_DIR/$1.log" ||
    fail "$1.log has no line that matches /$2/; its last: $(tail -1 "$BB_DIR/$1.log")"
}

# ---- time -----------------------------------------------------------------
#
# No assertion knows how fast a machine is.  What is quick is compared with the
# same thing in the same run, counted, or given a bound far from what would be
# wrong; all waiting is for SECONDS on a quiet machine, and longer on a busy one.

now_ms() {
  local now=${EPOCHREALTIME/[.,]/}
  echo $((now / 1000))
}

# sleep_ms MS: at least so long.
sleep_ms() {
  local s
  printf -v s '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
  sleep "$s"
}

# patience SECONDS: sets REPLY to that in ms: times BB_SLOW, and times the
# programs that want each CPU now.
patience() {
  local load running
  read -r load _ _ running _ </proc/loadavg
  load=${load%.*} running=${running%/*}
  [ "$load" -lt "$running" ] || running=$load
  REPLY=$(($1 * 1000 * BB_SLOW * (1 + running / BB_CPUS)))
}

# await CONDITION [SECONDS=10]: until the shell code CONDITION is true.
await() {
  local from=${EPOCHREALTIME/[.,]/} pause=0.03 waited REPLY
  until eval "$1" >/dev/null 2>&1; do
    ! is_skipped || return 1
    patience "${2:-10}"
    waited=$(((${EPOCHREALTIME/[.,]/} - from) / 1000)) # no process for it
    if [ $waited -ge "$REPLY" ]; then
      fail "not within ${2:-10} s: $1"
      return 1
    fi
    [ $waited -lt 500 ] || pause=0.1
    sleep $pause
  done
}

# await_redis KEY VALUE: a token serves here before Redis has it.
await_redis() {
  # shellcheck disable=SC2034 # of the condition
  local key=$1 value=$2
  # shellcheck disable=SC2016 # evaluated each time
  await '[ "$(redis GET "$key")" = "$value" ]'
}

# assert_no_death NAME: no child of that instance died.  One that valgrind makes
# too slow for its heartbeat is killed, and replaced.
assert_no_death() {
  local how=
  [ "$BB_SLOW" = 1 ] || how='(exit status|signal ([1-8]|[1-9][0-9]) )'
  assert_no_match " died: $how" "$(cat "$BB_DIR/$1.log")" "log of $1"
}

# assert_within SECONDS FROM-MS [WHAT]: no more have passed since then.
assert_within() {
  local took REPLY
  took=$(($(now_ms) - $2))
  patience "$1"
  [ "$took" -le "$REPLY" ] || fail "${3:-it} took $took ms, not $REPLY at most"
}

# answers_ms [URL]: how long ten answers take; all must be 200.
answers_ms() {
  local from i
  from=$(now_ms)
  for i in {1..10}; do
    expect_status 200 "${1:-$URL}/token"
  done
  REPLY=$(($(now_ms) - from))
}

# assert_as_quick QUIET-MS MS [WHAT]: the second is of the first's kind: neither
# several times as long nor longer by a time-out.
assert_as_quick() {
  local quiet=$1 REPLY
  patience 1
  [ "$2" -le $((quiet * 4 + REPLY)) ] ||
    fail "${3:-it} took $2 ms, and $quiet ms before"
}

# ---- HTTP -----------------------------------------------------------------

# http URL [CURL-OPTION...]: sets STATUS (000: no answer), HEADERS and BODY.
http() {
  local url=$1
  shift
  : >"$BB_DIR/body"
  : >"$BB_DIR/headers"
  STATUS=$(curl -sS --noproxy '*' -m $((60 * BB_SLOW)) -o "$BB_DIR/body" \
    -D "$BB_DIR/headers" -w '%{http_code}' "$@" "$url" 2>"$BB_DIR/curl.err")
  HEADERS=$(tr -d '\r' <"$BB_DIR/headers")
  BODY=$(tr -d '\0' <"$BB_DIR/body")
}

# expect_status CODE URL [CURL-OPTION...]: http, and this status.
expect_status() {
  local code=$1
  shift
  http "$@"
  assert_eq "$code" "$STATUS" "status of $*"
}

# header NAME: its values in the last answer, one a line.
header() {
  sed -n "s/^$1: *//Ip" <<<"$HEADERS"
}

# json NAME [TEXT=$BODY]: a string or number member, as the answer spells it.
json() {
  sed -n -E "s/.*\"$1\": *(\"([^\"]*)\"|(-?[0-9.]+)).*/\2\3/p" <<<"${2-$BODY}"
}

# get URL: print what is there, without a process: most of what tests ask is
# asked again and again.
get() {
  local host=${1#http://} path text=
  path=/${host#*/} host=${host%%/*}
  exec 9<>"/dev/tcp/${host%:*}/${host##*:}" || return
  printf 'GET %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n' "$path" "$host" >&9
  IFS= read -r -d '' -t 10 -u 9 text
  exec 9>&-
  printf '%s\n' "${text#*$'\r\n\r\n'}"
}

# The token that /token of $URL hands out now; empty if none.
token_now() {
  local text
  case $URL in
  http://127.0.0.1:*) text=$(get "$URL/token" 2>/dev/null) ;;
  *) text=$(curl -sS --noproxy '*' -m 10 "$URL/token" 2>/dev/null) ;;
  esac
  json token "$text"
}

# metric SERIES [ADMIN-URL]: its value; SERIES as it is printed, with labels.
metric() {
  curl -sS --noproxy '*' -m 10 "${2:-$ADMIN}/metrics" |
    awk -v s="$1" 'index($0, s " ") == 1 { print $NF }'
}

# ---- Redis and the stand-in backend ---------------------------------------

# redis COMMAND...: to the Redis server that was started last.
redis() {
  if [ -n "$REDIS_PASSWORD" ]; then
    redis-cli -h "$REDIS_ADDRESS" -p "$REDIS_PORT" --no-auth-warning \
      -a "$REDIS_PASSWORD" "$@"
  else
    redis-cli -h "$REDIS_ADDRESS" -p "$REDIS_PORT" "$@"
  fi
}

# How many commands Redis has run, but for those that only watch it.
redis_cmds() {
  redis INFO commandstats | tr -d '\r' | awk -F '[:=,]' '
    /^cmdstat_/ && !/^cmdstat_(info|auth|monitor|client\|list)/ { n += $3 }
    END { print n + 0 }'
}

# stub_set QUERY [CURL-OPTION...]: steer the stand-in backend.
stub_set() {
  local query=$1
  shift
  curl -sS --noproxy '*' -m 10 -f -X PUT "$@" "$STUB_URL/control?$query" ||
    bail "stub_backend refused $query"
}

# stub_get NAME: a value that it counts.
stub_get() {
  get "$STUB_URL/control" | awk -v n="$1" '$1 == n { print $2; exit }'
}

stub_calls() {
  stub_get calls
}

# ask_again: have the instance "bearerd" ask the backend once more, and wait
# until it was asked.
ask_again() {
  local calls
  calls=$(stub_calls)
  sleep_ms 1100 # two calls are a second apart
  kill -s USR1 "$(pid_of bearerd)"
  await "[ \$(stub_calls) -gt $calls ]" 15
}
