# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # the scripts read what is set here
#
# lib.sh - what script/run and script/test share: saying what is done,
# installing Debian packages, building in a folder of its own.

set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
JOBS=$(nproc)
unset LIBRARY_PATH MAKEFLAGS CFLAGS LDFLAGS # of the caller's shell
# Debian's python3, which has Debian's packages, before any other; and servers,
# which not every user's PATH has.
PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH

# What a build needs; redis-tools has the server's program too, without the
# service that the package redis-server would start.
PACKAGES_BUILD="gcc libc6-dev make autoconf automake pkg-config
  libhiredis-dev libcurl4-openssl-dev libcjson-dev libseccomp-dev libssl-dev"
PACKAGES_RUN="redis-tools curl ca-certificates"

say() {
  printf '==> %s\n' "$*"
}

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# as_root COMMAND...; can_be_root: whether it has a way.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

can_be_root() {
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null || return
  sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# missing_packages PACKAGE...: those that are not installed.
missing_packages() {
  local package
  for package in $(printf '%s\n' "$@" | sort -u); do
    is_installed "$package" || echo "$package"
  done
}

# install_packages PACKAGE...: those that are missing.  Services that come
# with a package are not started.
install_packages() {
  local missing policy=/usr/sbin/policy-rc.d guard=no status=0
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    die "please install what takes the place of: ${missing[*]}"
  can_be_root || die "packages are missing.  Somebody who may should run this:

apt-get update && apt-get install -y --no-install-recommends ${missing[*]}
"
  say "installing ${missing[*]}"
  if [ ! -e $policy ]; then
    guard=yes
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod 755 $policy
  fi
  apt_install "${missing[@]}" || status=$?
  if [ $guard = yes ]; then
    as_root rm -f $policy
    trap - EXIT
  fi
  [ $status -eq 0 ] || die "apt-get could not install: ${missing[*]}"
}

# apt_install PACKAGE...: with new lists of packages if those that are there
# will not do.  What apt-get says is shown when it fails.
apt_install() {
  local log
  log=$(mktemp "${TMPDIR:-/tmp}/bearerd-apt.XXXXXX")
  { compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null &&
    apt install --no-install-recommends "$@"; } >"$log" 2>&1 || {
    say "fetching the lists of packages"
    { apt update && apt install --no-install-recommends "$@"; } >"$log" 2>&1
  }
  set -- $?
  [ "$1" -eq 0 ] || tail -n 20 "$log" >&2
  rm -f "$log"
  return "$1"
}

# Put redis-server in PATH where only redis-tools is installed: the program is
# the same, its name says what it does.
provide_redis_server() {
  command -v redis-server >/dev/null && return 0
  mkdir -p "$1"
  ln -sf "$(command -v redis-check-rdb)" "$1/redis-server"
  PATH=$PATH:$1
  redis-server --version >/dev/null || die "there is no redis-server"
}

# npm_packages FROM TO: what FROM/package-lock.json names, in TO/node_modules.
# Nothing that a package brings is run.  Fails without npm, or without a network
# when they are not there yet.
npm_packages() {
  local mark=$2/node_modules/.lock-of-these
  command -v npm >/dev/null || return
  mkdir -p "$2"
  cp "$1"/package.json "$1"/package-lock.json "$2" || return
  cmp -s "$2/package-lock.json" "$mark" && return
  (cd "$2" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund \
    --no-update-notifier --fetch-retries=1 </dev/null) &&
    cp "$2/package-lock.json" "$mark"
}

# with_swagger_ui DIR: print the option of configure that makes /docs with
# Swagger UI, which is put into DIR once; nothing when it is not to be had: the
# page is a plain one then.  Nothing is needed in a tarball, which brings it.
with_swagger_ui() {
  [ ! -d "$ROOT/src/docs/swagger-ui/dist" ] || return 0
  [ "$1/of" -nt "$ROOT/src/docs/swagger-ui/package-lock.json" ] ||
    { "$ROOT/script/swagger-ui" "$1/dist" >&2 && touch "$1/of"; } || return
  echo "--with-swagger-ui=$1/dist"
}

# The source's files, one a line: no build products.
source_files() {
  if git -C "$ROOT" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git -C "$ROOT" ls-files --cached --others --exclude-standard |
      while read -r file; do
        [ -e "$ROOT/$file" ] && printf '%s\n' "$file"
      done
  else
    (cd "$ROOT" && find . -path './build*' ! -path './build-aux*' -prune \
      -o -path ./.git -prune -o -path ./autom4te.cache -prune -o -type f \
      ! -name '*.o' ! -name '*.a' ! -path ./config.h ! -path ./config.log \
      ! -path ./config.status ! -path ./Makefile -print)
  fi
}

# copy_source DIR: a copy to build from, so that the tree itself stays as it
# is, configured or not.  Generated files of an earlier time are kept.
copy_source() {
  mkdir -p "$1"
  find "$1" -mindepth 1 -maxdepth 1 ! -name build-aux ! -name configure \
    ! -name '*.in' ! -name aclocal.m4 ! -name autom4te.cache \
    -exec rm -rf {} +
  source_files | tar -C "$ROOT" -c -T - | tar -C "$1" -x
  [ -x "$1/configure" ] || "$1/autogen.sh"
}

# configure_in DIR SOURCE [CONFIGURE-OPTION...]: unless it was done before, with
# the same options.  No file of the system's bearerd is read by what is built.
configure_in() {
  local dir=$1 source=$2
  shift 2
  [ ! -x "$dir/config.status" ] ||
    [ "$(cat "$dir/configured" 2>/dev/null)" != "$*" ] || return 0
  mkdir -p "$dir"
  (cd "$dir" && "$source/configure" -q --prefix="$dir/root" "$@" &&
    echo "$*" >configured)
}
