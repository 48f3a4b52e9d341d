# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib-pressure.sh - for tests of what clients cost a worker: the instance
# "bearerd" has one.

pressure() {
  /usr/bin/python3 "$BB_SOURCE/pressure.py" "$@"
}

worker() {
  children_of "$(pid_of bearerd)" worker
}

# resident: KiB that the worker has had at most.
resident() {
  awk '/^VmHWM/ { print $2 }' "/proc/$(worker)/status"
}

# kib_more MOST NUMBER; a sanitizer keeps freed memory.
kib_more() {
  [ -n "${ASAN_OPTIONS:-}$BEARERD_WRAP" ] ||
    assert_between 0 "$1" "$2" "KiB more in the worker"
}
