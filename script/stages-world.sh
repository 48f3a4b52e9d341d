# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# stages-world.sh - the stages of script/test that need the world around:
# gateways, a browser, other servers, containers.  See stages.sh.

# tap NAME COMMAND...: count the cases that it prints, each a line of TAP.
tap() {
  local name=$1 log=$LOGS/$1.log
  shift
  "$@" </dev/null >"$log" 2>&1
  sed -n -E 's/^(not ok|ok|#)/    &/p' "$log"
  grep -q -E '^1\.\.[1-9]' "$log" || echo "not ok - $name ends" >>"$log"
  count "$name" "$(grep '^ok ' "$log" | grep -c -v '# SKIP')" \
    "$(grep -c '^not ok ' "$log")" "$(grep -c '^ok .*# SKIP' "$log")"
}

# ---- gateways -------------------------------------------------------------

about_gateways() { echo "examples/, run for real before an API"; }
packages_gateways() {
  echo check python3
  sed -n 's/^# needs: //p' "$ROOT"/tests/gateways/[0-9]*.sh
}
stage_gateways() {
  need main || return
  BB_TESTS="-d gateways" blackbox_in main
}

# ---- oauth ----------------------------------------------------------------

about_oauth() { echo "each way to a token, at authorization servers of others"; }
packages_oauth() {
  echo check
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
  sed -n 's/^# needs: //p' "$ROOT"/tests/oauth/[0-9]*.sh
}
stage_oauth() {
  need main || return
  check "npm ci in tests/oauth" npm_packages "$SOURCE/tests/oauth" \
    "$BUILD/npm/oauth"
  BB_TESTS="-d oauth" blackbox_in main NPM="$BUILD/npm/oauth"
  check "each line of the logs is whole in the source" \
    "$SOURCE/tests/lint/messages" "$LOGS/tests-$STAGE"/*.said
}

# ---- examples -------------------------------------------------------------

about_examples() { echo "examples/: what can be checked without the gateways"; }
packages_examples() {
  echo check lua5.1 lua5.3 libxml2-utils python3-yaml
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
}
stage_examples() {
  need main || return
  check "npm ci in tests/examples" npm_packages "$SOURCE/tests/examples" \
    "$BUILD/npm/examples"
  tap examples env BUILD="$BUILD/main" NPM="$BUILD/npm/examples" \
    "$SOURCE/tests/examples/run"
}

# ---- fleet ----------------------------------------------------------------

FLEET_SEED=${FLEET_SEED:-1}

about_fleet() { echo "twenty replicas live through token lives and faults"; }
packages_fleet() { echo python3 faketime; }
stage_fleet() {
  local what
  need main || return
  for what in cold lives report outage late asleep exclusive clocks budget \
    random flush failover 500-warm 429-warm 401-cold hang-cold; do
    check "fleet $what" env BUILD="$BUILD/main" "$SOURCE/tests/fleet/fleet.py" \
      -s "$FLEET_SEED" -i 20 -l 4 -t 30 "$what"
    sed -n 's/^[a-z]*: .*/    &/p' "$LOGS/fleet-$what.log"
  done
}

# ---- comparison -----------------------------------------------------------

about_comparison() { echo "the benchmark runs; what callers feel of others"; }
packages_comparison() {
  echo nginx libnginx-mod-http-lua haproxy h2o redis-server curl \
    python3-fastapi python3-redis python3-requests python3-uvicorn
}
# One short round judges no figure; that its peers still start and answer is
# what is wanted here.
stage_comparison() {
  need main || return
  check "bench/compare" compared
  check "callers beside others" env BUILD="$BUILD/main" \
    "$SOURCE/tests/perf/beside"
}

compared() {
  BUILD="$BUILD/main" "$SOURCE/bench/compare" -r 1 -t 200 \
    'keep-alive-64$|pipelined|trouble' >"$LOGS/comparison"
  [ "$(grep -c -E '^\| (bearerd|floor|nginx|haproxy|h2o|fastapi)' \
    "$LOGS/comparison")" -eq 17 ] && grep -q '^### goals' "$LOGS/comparison"
}

# ---- api ------------------------------------------------------------------

about_api() { echo "OpenAPI linters, contract, and /docs in a browser"; }
packages_api() {
  echo check chromium
  command -v npm >/dev/null || echo npm
}
stage_api() {
  local ui
  check "npm ci in tests/api" npm_packages "$SOURCE/tests/api" "$BUILD/npm/api"
  ui=$(with_swagger_ui "$BUILD/npm/ui" 2>"$LOGS/npm-ui.log") ||
    { flunk "npm ci in src/docs/swagger-ui" "$LOGS/npm-ui.log" && return; }
  need docs ${ui:+"$ui"} || return
  BB_TESTS="0320" blackbox_in docs
  tap api env BUILD="$BUILD/docs" NPM="$BUILD/npm/api" "$SOURCE/tests/api/run"
}

# ---- newcomer -------------------------------------------------------------

about_newcomer() { echo "the two commands on a machine that has nothing"; }
packages_newcomer() {
  packages_blackbox
  echo check curl git iproute2 mmdebstrap mount util-linux
}
stage_newcomer() {
  need main || return
  rm -rf "$LOGS/newcomer" && mkdir "$LOGS/newcomer"
  tap newcomer env BB_DIR="$LOGS/newcomer" BUILD="$BUILD/main" \
    SYSTEM_CACHE="$ROOT/build/system" timeout -k 60 3000 \
    "$SOURCE/tests/newcomer/run"
  # where there can be no such machine, the tests that it runs are run here
  ! grep -q '^ok .*# SKIP' "$LOGS/newcomer.log" || stage_blackbox
}

# ---- container ------------------------------------------------------------

about_container() { echo "the image is built, and serves with no rights"; }
packages_container() { echo podman runc mmdebstrap openssl python3; }
stage_container() {
  need main || return
  tap container env BUILD="$BUILD/main" CONTAINERS="$ROOT/build/container" \
    "$SOURCE/tests/container/run"
}

# ---- kubernetes -----------------------------------------------------------

about_kubernetes() { echo "the manifests, against types, bearerd and promtool"; }
packages_kubernetes() {
  echo python3
  # some systems have these from elsewhere
  command -v npm >/dev/null || echo npm
  command -v promtool >/dev/null || echo prometheus
  command -v nginx >/dev/null || echo nginx-light
}
stage_kubernetes() {
  need main || return
  tap kubernetes env BUILD="$BUILD/main" NODE_WORK="$ROOT/build/kubernetes" \
    "$SOURCE/tests/kubernetes/run"
}
