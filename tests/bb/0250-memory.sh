#!/bin/bash
# SPDX-License-Identifier: MIT
# A worker's memory does not grow over a million requests.
# needs: wrk
. "$(dirname "$0")/lib.sh"

# requests N: at least so many, over 50 connections.
requests() {
  local done=0 n
  while [ $done -lt "$1" ]; do
    n=$(wrk -t1 -c50 -d3 "$URL/token" | awk '/requests in/ { print $1 }')
    done=$((done + n))
  done
}

rss_kib() {
  awk '/^VmRSS/ { print $2 }' "/proc/$worker/status"
}

start_stub -l 30
start_bearerd --workers=1
worker=$(children_of "$(pid_of bearerd)" worker)

it "resident memory is the same after a million requests"
if [ -n "${ASAN_OPTIONS:-}" ]; then
  skip "the sanitizer keeps freed memory"
else
  requests 200000
  before=$(rss_kib)
  requests 1000000
  echo "# $before KiB before, $(rss_kib) KiB after"
  assert_between 0 256 $(($(rss_kib) - before)) "KiB more"
  assert_between 500 8192 "$(rss_kib)" "KiB with 50 connections served"
fi

finish
