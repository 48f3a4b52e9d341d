# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # the test reads what is set here
#
# lib.sh - a package, a root to install it in, and a systemd that runs there;
# on top of tests/bb/lib.sh.
#
# What a test does in the root is gone when the test ends.  It shares the host's
# loopback, so that Redis and the stand-in backend are the host's.

# shellcheck source=tests/system/lib-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib-root.sh"

# build_package SOURCE: sets DEB, and NEXT_DEB, the same with a later version.
build_package() {
  local dir=$BB_DIR/package
  mkdir -p "$dir/deb" "$dir/next"
  tar -C "$1" -c --exclude=./build --exclude=./.git --exclude=./configure \
    --exclude=./autom4te.cache . | tar -C "$dir/deb" -x
  (cd "$dir/deb" && env -u MAKEFLAGS DEB_BUILD_OPTIONS="nocheck parallel=2" \
    dpkg-buildpackage -us -uc -b) >"$BB_DIR/package.log" 2>&1 ||
    bail "dpkg-buildpackage: $(tail -n 5 "$BB_DIR/package.log")"
  DEB=$(echo "$dir"/bearerd_*.deb) CHANGES=$(echo "$dir"/*.changes)
  dpkg-deb -R "$DEB" "$dir/next"
  sed -i 's/^Version: .*/&+next/' "$dir/next/DEBIAN/control"
  echo '# next' >>"$dir/next/lib/systemd/system/bearerd.service"
  NEXT_DEB=$dir/bearerd-next.deb
  dpkg-deb --root-owner-group -b "$dir/next" "$NEXT_DEB" >>"$BB_DIR/package.log"
}

# make_root: sets SYSTEM_ROOT, with what the package depends on.
make_root() {
  cached_root root --variant=minbase \
    --include="systemd,systemd-sysv,dbus,libnss-systemd,$(
      dpkg-deb -f "$DEB" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/ //g'
    )"
  SYSTEM_ROOT=$CACHED_ROOT
}

# boot: systemd in a copy of the root that lives in memory.
boot() {
  local nspawn
  # A machine allows what its manager does not know of yet.
  spawn nspawn systemd-nspawn -q -D "$SYSTEM_ROOT" --volatile=overlay \
    --register=no --keep-unit --console=pipe \
    --system-call-filter="@memlock landlock_create_ruleset landlock_add_rule landlock_restrict_self" \
    --bind-ro="$BB_DIR/package:/deb" --boot
  nspawn=$(pid_of nspawn)
  await "! is_running $nspawn || { INIT=\$(children_of $nspawn | head -n 1) &&
    [ -S \"/proc/\$INIT/root/run/systemd/private\" ]; }" 30
  is_running "$nspawn" || skip_all "systemd-nspawn: $(tail -n 1 "$BB_DIR/nspawn.log")"
  await "[ \"\$(inside systemctl is-system-running)\" = running ]" 30
}

# write_inside PATH [MODE=644]: standard input to a file there.
write_inside() {
  mkdir -p "/proc/$INIT/root$(dirname "$1")"
  cat >"/proc/$INIT/root$1"
  chmod "${2:-644}" "/proc/$INIT/root$1"
}

# unit PROPERTY [UNIT=bearerd]
unit() {
  inside systemctl show -P "$1" "${2:-bearerd}"
}
