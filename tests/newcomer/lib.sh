# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib.sh - a machine that has nothing: Debian's apt and git in a root of their
# own, with processes, mounts and a network of their own; on top of
# tests/bb/lib.sh and tests/system/lib-root.sh.

NEWCOMER=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ARCHIVES=$SYSTEM_CACHE/archives # packages that an earlier run has fetched
USER_ID=1000                    # of the ordinary user
# Nothing of our environment; what a login sets.
LOGIN="env -i HOME=/root TERM=xterm PATH=/usr/local/sbin:/usr/local/bin"
LOGIN="$LOGIN:/usr/sbin:/usr/bin:/sbin:/bin"
USER_LOGIN="setpriv --reuid $USER_ID --regid $USER_ID --clear-groups env -i"
USER_LOGIN="$USER_LOGIN HOME=/home/newcomer TERM=xterm"
USER_LOGIN="$USER_LOGIN PATH=/usr/local/bin:/usr/bin:/bin"

# make_machine: sets MACHINE, a root that nothing was done in yet, but for a
# name server and an ordinary user.
make_machine() {
  cached_root newcomer.tar --variant=apt --include=git
  MACHINE=$BB_DIR/machine
  mkdir -p "$MACHINE" "$ARCHIVES/partial"
  tar -C "$MACHINE" -x --numeric-owner -f "$CACHED_ROOT" ||
    bail "the root cannot be unpacked"
  rm -f "$MACHINE/etc/resolv.conf"
  cp -L /etc/resolv.conf "$MACHINE/etc/"
  echo "newcomer:x:$USER_ID:$USER_ID::/home/newcomer:/bin/bash" \
    >>"$MACHINE/etc/passwd"
  echo "newcomer:x:$USER_ID:" >>"$MACHINE/etc/group"
  mkdir -m 700 "$MACHINE/home/newcomer"
  chown $USER_ID:$USER_ID "$MACHINE/home/newcomer"
}

# start_machine: sets INIT, a process that only waits.
start_machine() {
  spawn machine unshare --mount --pid --net --uts --ipc --fork --kill-child \
    "$NEWCOMER/enter" "$MACHINE" "$ARCHIVES" \
    bash -c 'echo up; sleep infinity & wait'
  await "! is_running $(pid_of machine) ||
    grep -q -x up '$BB_DIR/machine.log'" 30
  is_running "$(pid_of machine)" ||
    skip_all "namespaces: $(tail -n 1 "$BB_DIR/machine.log")"
  INIT=$(children_of "$(pid_of machine)" | head -n 1)
  nsenter -t "$INIT" -n ip link set lo up
  # From now on, it cannot reach its surroundings.  It has no umount yet.
  nsenter -t "$INIT" -m --root=/ --wd=/ \
    umount -l "/proc/$INIT/root/run/around" || bail "the root is not shut"
  rmdir "/proc/$INIT/root/run/around"
}

# online COMMAND...: in the machine, with the network that is around.
online() {
  nsenter -t "$INIT" -m -p -u -i -r -w -- "$@"
}

# left_over: processes of the machine but for the first two, and files that
# programs leave.
left_over() {
  local dir
  for dir in "/proc/$INIT/root/proc"/[0-9]*; do
    xargs -0 <"$dir/cmdline" 2>/dev/null
  done | grep -v -e '^bash -c echo up' -e '^sleep infinity' -e '^$'
  find "/proc/$INIT/root/dev/shm" "/proc/$INIT/root/tmp" -mindepth 1
}

# stop_machine: with all that runs in it, and its files.
stop_machine() {
  kill -s KILL "$INIT"
  reap "$(pid_of machine)" 20
  rm -rf "$MACHINE"
}
