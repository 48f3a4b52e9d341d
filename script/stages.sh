# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# stages.sh - what script/test can do.  Each stage has three functions: what
# it is about, the packages that it needs, and the work.

# ---- lint: the rules of CONTRIBUTING.md that a script can check -----------

about_lint() { echo "layers, sizes and other rules of the tree"; }
packages_lint() { echo python3 clang-format check; }
stage_lint() {
  local lint args
  need main || return # layers looks into objects
  for lint in "$SOURCE"/tests/lint/*; do
    [ -x "$lint" ] || continue
    [ "$(basename "$lint")" != table ] && args='' || args=--check
    check "lint $(basename "$lint")" env BUILD="$BUILD/main" "$lint" $args
  done
}

# ---- shell: every script --------------------------------------------------

about_shell() { echo "shellcheck on every shell script"; }
packages_shell() { echo shellcheck; }
stage_shell() {
  local file
  cd "$SOURCE" || return
  grep -r -l -E '^#!/bin/(ba)?sh' autogen.sh script tests bench examples debian .ci |
    while read -r file; do [ -f "$file" ] && echo "$file"; done \
      >"$LOGS/scripts"
  while read -r file; do
    check "shellcheck $file" shellcheck -x "$file"
  done <"$LOGS/scripts"
}

# ---- manual ---------------------------------------------------------------

about_manual() { echo "mandoc finds nothing to warn of"; }
packages_manual() { echo mandoc; }
stage_manual() {
  local page
  for page in "$SOURCE"/man/*.[0-9]; do
    check "mandoc $(basename "$page")" mandoc -T lint -W warning "$page"
  done
}

# ---- compilers ------------------------------------------------------------

about_compilers() { echo "gcc and clang without a warning"; }
packages_compilers() { echo clang check; }
stage_compilers() {
  check "gcc --enable-werror" builds gcc CC=gcc --enable-werror
  check "clang --enable-werror" builds clang CC=clang --enable-werror
}

# ---- unit -----------------------------------------------------------------

# unit_counts DIR: add up what Check counted in each program's log; a program
# that is not Check's, or that ended badly, counts as one.
unit_counts() {
  local trs log line passed=0 failed=0 skipped=0 bad
  while read -r trs; do
    log=${trs%.trs}.log
    line=$(grep -E 'Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+' "$log" |
      tail -n 1 | tr -cd '0-9, %:' | tr -s ' :,%' ' ')
    read -r _ total failures errors <<<"$line"
    if [ -n "$line" ]; then
      bad=$((failures + errors))
      passed=$((passed + total - bad)) failed=$((failed + bad))
    else
      bad=0
    fi
    case $(sed -n 's/^:test-result: //p' "$trs") in
    PASS*) [ -n "$line" ] || passed=$((passed + 1)) ;;
    SKIP*) skipped=$((skipped + 1)) ;;
    *) [ "$bad" -gt 0 ] || failed=$((failed + 1)) bad=1 ;;
    esac
    [ "$bad" -eq 0 ] || grep -v '^[0-9]*%' "$log" | tail -n 15 |
      sed "s/^/        $(basename "$log" .log): /"
  done < <(find "$1/tests" -name '*.trs')
  count "unit tests" "$passed" "$failed" "$skipped"
  [ $((passed + failed)) -gt 0 ] || flunk "there are unit tests in $1"
}

# unit_in DIR: run the unit tests of a build.
unit_in() {
  timeout 900 make -C "$BUILD/$1" -s -k -j "$JOBS" check \
    >"$LOGS/unit-$1.log" 2>&1 </dev/null
  unit_counts "$BUILD/$1"
}

about_unit() { echo "unit tests"; }
packages_unit() { echo check; }
stage_unit() {
  need main || return
  unit_in main
}

# ---- black box ------------------------------------------------------------

# tally NAME LOG: add up the cases of tests/bb/lib.sh in a log.
tally() {
  local ok skipped bad
  ok=$(grep -c '^ok ' "$2") skipped=$(grep -c '^ok .* # SKIP' "$2")
  bad=$(grep -c '^not ok ' "$2")
  count "$1" $((ok - skipped)) "$bad" "$skipped"
  grep -q '^1\.\.[1-9]' "$2" || flunk "$1 come to their end" "$2"
}

# blackbox_in DIR [VARIABLE=VALUE...]: the black-box tests with that build.
blackbox_in() {
  local dir=$BUILD/$1 log=$LOGS/blackbox-$STAGE.log line
  shift
  # shellcheck disable=SC2086 # several numbers
  env "$@" BUILD="$dir" BB_LOGS="$LOGS/tests-$STAGE" \
    bash "$SOURCE/tests/bb/run" ${BB_TESTS:-} </dev/null 2>&1 |
    tee "$log" | sed -u 's/^/    /'
  line=$(grep '^black box: ' "$log" | tail -n 1 | tr -cd '0-9 ')
  read -r passed failed skipped <<<"$line"
  if [ -n "$line" ]; then
    count "black-box tests" "$passed" "$failed" "$skipped"
  else
    flunk "black-box tests" "$log"
  fi
}

# busy: as many loops as make each test wait for a CPU, ended by their pids, or
# by themselves when this script is no more.
BUSY=()
begin_busy() {
  local i
  for ((i = 0; i < 2 * JOBS; i++)); do
    # shellcheck disable=SC2016 # the inner shell expands it
    timeout 1500 bash -c 'while kill -0 "$0"; do
      for ((i = 0; i < 100000; i++)); do :; done
    done' $$ 2>/dev/null &
    BUSY+=("$!")
  done
}

end_busy() {
  kill "${BUSY[@]}"
  wait "${BUSY[@]}" 2>/dev/null
  BUSY=()
}

# Those whose rules have a time in them: leases, dead and silent processes,
# reloads, drains, back-offs.
BUSY_TESTS="0100 0150 0160 0170 0210 0230 0238 0524 0602"

about_busy() { echo "tests of what has a time, with two busy loops for each CPU"; }
packages_busy() { packages_blackbox; }
stage_busy() {
  need main || return
  begin_busy
  BB_TESTS=$BUSY_TESTS BB_JOBS=$((2 * JOBS)) blackbox_in main
  end_busy
}

about_blackbox() { echo "the programs, a real Redis, real backends"; }
packages_blackbox() { # with those that tests name in a line "# needs: ..."
  echo check python3-fastapi python3-redis python3-requests python3-uvicorn \
    python3-httpbin gunicorn
  sed -n 's/^# needs: //p' "$ROOT"/tests/bb/[0-9]*.sh
}
stage_blackbox() {
  need main || return
  blackbox_in main
  check "each line of the logs is whole in the source" \
    "$SOURCE/tests/lint/messages" "$LOGS/tests-$STAGE"/*.said
}

# ---- valgrind -------------------------------------------------------------

about_valgrind() { echo "unit tests and the daemon under valgrind"; }
packages_valgrind() {
  packages_blackbox
  echo valgrind libc6-dbg
}
stage_valgrind() {
  local test
  need main || return
  cd "$BUILD/main" || return
  while read -r test; do
    check "valgrind $test" env CK_FORK=no CK_DEFAULT_TIMEOUT=600 \
      BEARERD_SANDBOX=off \
      srcdir="$SOURCE" timeout 600 valgrind -q --error-exitcode=9 \
      --run-libc-freeres=no \
      --leak-check=full --errors-for-leak-kinds=definite "./$test"
  done < <(find tests/unit -name 'check_*' -type f -perm -u+x | sort)
  # Those that neither count seconds nor millions.
  # libc's own tidying up trips over its thread that looks names up.
  BB_TESTS="0020 0100 0130 0220 0300" blackbox_in main BB_SLOW=6 \
    BEARERD_WRAP="valgrind --num-callers=8 --run-libc-freeres=no"
}

# ---- sanitizers -----------------------------------------------------------

# Not again: those of load, of clocks that libfaketime sets, of memory, of deaths
# and waiting, and of other programs; in them no input comes that the others have
# not.
NOT_SANITIZED="0030 0190 0200 0210 0236 0238 0246 0250 0310 0350 0540 0541 0603"
NOT_SANITIZED="$NOT_SANITIZED 0623"

# sanitized_tests: the others.
sanitized_tests() {
  local test
  for test in "$SOURCE"/tests/bb/[0-9]*.sh; do
    test=$(basename "$test" .sh)
    [[ " $NOT_SANITIZED " == *" ${test%%-*} "* ]] || echo "$test"
  done
}

about_sanitizers() { echo "the tests with AddressSanitizer and UBSan"; }
packages_sanitizers() {
  packages_unit
  packages_blackbox
}
stage_sanitizers() {
  need sanitize --with-sanitize=address,undefined || return
  # Some tests want to see SIGSEGV itself.
  ASAN_OPTIONS=handle_segv=0 unit_in sanitize
  # The daemon forbids being traced, and the leak check is done by tracing.
  BB_TESTS=$(sanitized_tests) \
    blackbox_in sanitize ASAN_OPTIONS=detect_leaks=0 BB_SLOW=3
}

# ---- analysis -------------------------------------------------------------

about_analysis() { echo "clang-tidy, cppcheck, gcc -fanalyzer"; }
packages_analysis() { echo clang-tidy cppcheck check; }
stage_analysis() {
  need main || return
  cd "$SOURCE" || return
  check "clang-tidy" analyze_clang_tidy
  check "cppcheck" cppcheck -q --error-exitcode=1 --std=c11 -j "$JOBS" \
    --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=preprocessorErrorDirective \
    --include="$(header sys/queue.h)" --include="$(header cjson/cJSON.h)" \
    -D_GNU_SOURCE -I "$BUILD/main" -I src src
  check "gcc -fanalyzer" analyze_gcc
}

# header NAME: where it is.  cppcheck does not know the system's files, and
# stumbles over the loops that these two define.
header() {
  echo "#include <$1>" | gcc -E -M - | grep -o "/[^ ]*/$1"
}

# The flags that the build gives the compiler, without its warnings.
compile_flags() {
  echo -std=gnu11 -D_GNU_SOURCE "-DSYSCONFDIR=\"/etc\"" \
    -iquote "$BUILD/main" -iquote src
  pkg-config --cflags hiredis libcurl libcjson libseccomp libssl libcrypto
}

# Left out: what asks for functions that glibc has not, is taste, or does not
# understand tables made by macros.
TIDY_CHECKS="-*,clang-analyzer-*,bugprone-*,performance-*,portability-*"
TIDY_CHECKS="$TIDY_CHECKS,misc-redundant-expression"
for check in clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling \
  bugprone-easily-swappable-parameters bugprone-suspicious-string-compare \
  bugprone-implicit-widening-of-multiplication-result \
  bugprone-not-null-terminated-result bugprone-narrowing-conversions \
  bugprone-macro-parentheses bugprone-sizeof-expression \
  performance-no-int-to-ptr; do
  TIDY_CHECKS="$TIDY_CHECKS,-$check"
done

analyze_clang_tidy() {
  # shellcheck disable=SC2046 # flags
  find src -name '*.c' | xargs -P "$JOBS" -I '{}' clang-tidy --quiet \
    --checks="$TIDY_CHECKS" --warnings-as-errors='*' '{}' -- $(compile_flags)
}

analyze_gcc() {
  # shellcheck disable=SC2046 # flags
  find src -name '*.c' | xargs -P "$JOBS" -I '{}' gcc -fanalyzer -Werror \
    -O1 -c -o /dev/null $(compile_flags) '{}'
}

# ---- instructions ---------------------------------------------------------

about_instructions() { echo "what a request costs, against its budget"; }
packages_instructions() { echo valgrind curl python3; }
stage_instructions() {
  need main || return
  check "instructions per request" env BUILD="$BUILD/main" \
    "$SOURCE/tests/perf/instructions"
}

# ---- model ----------------------------------------------------------------

about_model() { echo "Spin models hold, and notice each part left out"; }
packages_model() { echo spin; }
stage_model() {
  check "model slot" "$SOURCE/tests/model/run"
  sed -n 's/^\(.*\) states .*/    \1/p' "$LOGS/model-slot.log"
}

# ---- mutants --------------------------------------------------------------

about_mutants() { echo "damage done to the code is noticed by its tests"; }
packages_mutants() { echo check; }
stage_mutants() {
  local script
  for script in "$SOURCE"/tests/*/mutants; do
    check "mutants ${script#"$SOURCE"/}" "$script"
  done
}

# ---- trust ----------------------------------------------------------------

about_trust() { echo "processes in other hands, half a minute each, sanitized"; }
packages_trust() { packages_blackbox; }
stage_trust() {
  need sanitize --with-sanitize=address,undefined || return
  tap trust env BUILD="$BUILD/sanitize" ASAN_OPTIONS=detect_leaks=0 BB_SLOW=3 \
    "$SOURCE/tests/trust/run" 30
}

# ---- fuzz -----------------------------------------------------------------

FUZZ_SECONDS=${FUZZ_SECONDS:-60}

FUZZ_FLAGS="-g -O1 -fsanitize=fuzzer-no-link,address,undefined"
FUZZ_FLAGS="$FUZZ_FLAGS -fno-sanitize-recover=all"

# The objects of the source, for all targets.
fuzz_objects() {
  local dir=$BUILD/fuzz/objects
  rm -rf "$dir" && mkdir -p "$dir" && cd "$SOURCE" || return
  # shellcheck disable=SC2046,SC2086,SC2016 # flags; the inner shell expands it
  find src -name '*.c' ! -path src/master/main.c ! -path 'src/ctl/*' |
    xargs -P "$JOBS" -I '{}' sh -c 'file=$1 dir=$2 && shift 2 &&
      exec clang "$@" -c -o "$dir/$(echo "$file" | tr / -).o" "$file"' \
      - '{}' "$dir" $FUZZ_FLAGS $(compile_flags)
}

# fuzz FILE: fuzz_NAME.c, from the seeds in corpus_NAME, if there are any.
fuzz() {
  local name dir seeds
  name=$(basename "$1" .c)
  seeds=tests/fuzz/corpus_${name#fuzz_}
  dir=$BUILD/fuzz/$name
  mkdir -p "$dir/corpus"
  cd "$SOURCE" || return
  # shellcheck disable=SC2046,SC2086 # flags
  clang $FUZZ_FLAGS -fsanitize=fuzzer $(compile_flags) -o "$dir/$name" \
    "$1" "$BUILD"/fuzz/objects/*.o \
    $(pkg-config --libs hiredis libcurl libcjson libseccomp libssl libcrypto) || return
  [ ! -d "$seeds" ] || cp "$seeds"/* "$dir/corpus/"
  "$dir/$name" -max_total_time="$FUZZ_SECONDS" -rss_limit_mb=2048 -timeout=10 \
    -artifact_prefix="$dir/" -print_final_stats=1 "$dir/corpus"
}

about_fuzz() { echo "libFuzzer, $FUZZ_SECONDS s for each target"; }
packages_fuzz() { echo clang libclang-rt-14-dev; }
stage_fuzz() {
  local target
  need main || return
  check "fuzz: the source is compiled" fuzz_objects
  for target in "$SOURCE"/tests/fuzz/fuzz_*.c; do
    [ -e "$target" ] || { flunk "there is a fuzz target" && continue; }
    check "fuzz $(basename "$target" .c)" fuzz "$target"
  done
  cd "$ROOT" || return
}

# ---- system ---------------------------------------------------------------

about_system() { echo "the Debian package under a systemd of its own"; }
packages_system() {
  echo check systemd systemd-container mmdebstrap dpkg-dev debhelper fakeroot \
    lintian python3 curl
}
stage_system() {
  need main || return
  rm -rf "$LOGS/system" && mkdir "$LOGS/system"
  BB_DIR=$LOGS/system BUILD=$BUILD/main timeout -k 60 600 \
    "$SOURCE/tests/system/run" </dev/null 2>&1 |
    tee "$LOGS/system.log" | sed 's/^/    /'
  tally "cases under systemd" "$LOGS/system.log"
}

# ---- distribution ---------------------------------------------------------

about_distribution() { echo "the tarball: the same for everybody, and distcheck"; }
packages_distribution() {
  echo check git
  command -v npm >/dev/null || echo npm
}
stage_distribution() {
  need main || return
  tap distribution env BUILD="$BUILD/main" "$SOURCE/tests/distribution/run"
  check "make distcheck" make -C "$BUILD/main" -s -j "$JOBS" distcheck
}
