#!/bin/bash
# SPDX-License-Identifier: MIT
# Each alert of doc/alerts.yml is raised by a real Prometheus for a deployment
# that is ill, and none for the healthy one beside it.
# needs: prometheus
. "$(dirname "$0")/lib.sh"

RULES=$BUILD/doc/alerts.yml
command -v prometheus >/dev/null || {
  it "alerts are raised"
  skip "there is no prometheus"
  finish
}

# target NAME PORT NAMESPACE: scraped as instance NAME of a deployment.
targets=''
target() {
  targets+="      - targets: ['127.0.0.1:$2']"$'\n'
  targets+="        labels: {instance: $1, namespace: $3}"$'\n'
}

# ill NAME [ARGUMENT...]: one more instance, in its own trouble.
declare -A url_of=()
ill() {
  local name=$1
  shift
  start_bearerd -n "$name" -l "$@"
  url_of["$name"]=$URL
  target "$name" "${ADMIN##*:}" ill
}

# alerts: "NAME INSTANCE" of those that are raised, one a line, or "NAME
# NAMESPACE" where an alert is for a whole deployment.
alerts() {
  curl -sS --noproxy '*' -m 5 "http://127.0.0.1:$prometheus/api/v1/alerts" |
    python3 -c 'import json, sys
for a in json.load(sys.stdin)["data"]["alerts"]:
    if a["state"] == "firing":
        of = a["labels"]
        print(of["alertname"], of.get("instance", of.get("namespace")))'
}

# ---- a healthy one, with callers and Redis ----

# shellcheck disable=SC2119 # no options
start_redis
start_stub -n good -l 600
start_bearerd -n healthy
healthy=$URL
target healthy "${ADMIN##*:}" good

# ---- and others, each in its own trouble ----

(umask 077 && printf 'k1 %064d\n' 7 >"$BB_DIR/keys")
ill refused --redis-key=sealed --redis-key-file="$BB_DIR/keys"

nowhere=$(free_port)
start_stub -n failing -l 600
stub_set "status=500&skew=-120"
ill outage BEARERD_REDIS_PORT="$nowhere"
start_stub -n strict -l 600
stub_set "status=401"
ill key -u REDIS_HOST
start_stub -n short -l 115
ill ends -u REDIS_HOST --renew-at=5%-6%
stub_set "status=500"
start_stub -n spent -l 600
ill spent -u REDIS_HOST --max-calls-per-hour=2
target down "$nowhere" gone

# A minute is a second, but an hour's quarter long enough for three reports.
sed -E 's/\[(10|15)m\]/[40s]/; s/\[5m\]/[15s]/; s/for: [0-9]+[ms]/for: 1s/' \
  "$RULES" >"$BB_DIR/alerts.yml"
prometheus=$(free_port)
cat >"$BB_DIR/prometheus.yml" <<C
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [$BB_DIR/alerts.yml]
scrape_configs:
  - job_name: bearerd
    static_configs:
$targets
C
spawn prometheus prometheus --config.file="$BB_DIR/prometheus.yml" \
  --storage.tsdb.path="$BB_DIR/data" --log.level=warn \
  --web.listen-address="127.0.0.1:$prometheus"
await "alerts" 60 || bail "prometheus does not start: $(tail -2 "$BB_DIR/prometheus.log")"

# press: what callers and accidents do all the time.
# shellcheck disable=SC2317 # await evaluates it
press() {
  curl -s -o /dev/null --noproxy '*' -m 5 "$healthy/token"
  curl -s -o /dev/null --noproxy '*' -m 5 "${url_of[outage]}/token"
  redis SET sealed plain-token EX 600 >/dev/null # it is looked at then
  curl -s -o /dev/null --noproxy '*' -m 5 -X DELETE \
    -H "Authorization: Bearer $(json token \
      "$(curl -s --noproxy '*' -m 5 "${url_of[refused]}/token")")" \
    "${url_of[refused]}/token"
  for worker in $(children_of "$(pid_of key)" 'worker'); do
    kill -s KILL "$worker"
    break
  done
}

while read -r alert instance; do
  it "$alert is raised for the one that is ill"
  await "press; alerts | grep -q -x '$alert $instance'" 70
done <<'ROWS'
BearerdTokenEndsSoon ends
BearerdDown gone
BearerdNoToken outage
BearerdNoToken key
BearerdUnavailable ill
BearerdCredentialsRefused ill
BearerdRenewalsFail outage
BearerdRedisDown outage
BearerdProcessesDie key
BearerdCallsRunOut ill
BearerdClockDiffers ill
BearerdValuesRefused refused
BearerdTokensRejected ill
ROWS

it "every alert of the file was tried"
assert_eq "$(sed -n 's/^ *- alert: //p' "$RULES" | sort)" \
  "$(sed -n 's/^\(Bearerd[A-Za-z]*\) [a-z-]*$/\1/p' "$0" | sort -u)" "alerts"

it "none is raised for the healthy one, and Redis is down for no one without"
now=$(alerts)
assert_no_match ' (healthy|good)' "$now" "alerts"
assert_no_match 'BearerdRedisDown (key|ends|spent)' "$now" "alerts"

finish
