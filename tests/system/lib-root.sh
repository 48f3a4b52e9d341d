# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # the tests read what is set here
#
# lib-root.sh - roots of Debian that mmdebstrap makes once and $SYSTEM_CACHE
# keeps, and running things in one; for tests/system and tests/newcomer, on top
# of tests/bb/lib.sh.

SYSTEM_CACHE=${SYSTEM_CACHE:-$BUILD/../system}
INIT='' # pid of the first process in the root

# skip_all REASON: nothing of this can be tried here.
skip_all() {
  [ -n "$CASE" ] || it "it can be tried here"
  skip "$1"
  exit 0
}

# need_root_and PROGRAM...
need_root_and() {
  local program
  [ "$(id -u)" -eq 0 ] || skip_all "needs root"
  for program in "$@"; do
    command -v "$program" >/dev/null || skip_all "there is no $program"
  done
}

# cached_root NAME[.tar] OPTION...: sets CACHED_ROOT, a folder or a tarball of
# what mmdebstrap makes with these options.
cached_root() {
  local name=${1%.tar} suffix=${1#"${1%.tar}"} new
  shift
  CACHED_ROOT=$SYSTEM_CACHE/$name-$(sha256sum <<<"$*" | cut -c 1-16)$suffix
  [ ! -e "$CACHED_ROOT" ] || return 0
  new=$SYSTEM_CACHE/new-$$$suffix
  mkdir -p "$SYSTEM_CACHE"
  if ! mmdebstrap -q "$@" \
    "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$new" \
    >"$BB_DIR/mmdebstrap.log" 2>&1; then
    rm -rf "$new"
    skip_all "mmdebstrap: $(tail -n 1 "$BB_DIR/mmdebstrap.log")"
  fi
  mv "$new" "$CACHED_ROOT"
}

# inside COMMAND...: in the running root.
inside() {
  nsenter -t "$INIT" -a -- "$@" </dev/null
}
