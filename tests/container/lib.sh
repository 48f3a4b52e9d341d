# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # the tests read what is set here
#
# lib.sh - podman, in folders of the project: the machine's own containers and
# settings are left alone.  CONTAINERS (build/container) keeps the base, which
# is made once, and the layers that did not change.

CONTAINERS=${CONTAINERS:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/container}
IMAGE=localhost/bearerd:test
# For the project, "debian:bookworm-slim" is made from Debian's packages.
BASE=docker.io/library/debian:bookworm-slim

# containers_why_not: prints why no container can be run here; nothing: it can.
containers_why_not() {
  local program
  for program in podman runc mmdebstrap; do
    command -v $program >/dev/null || { echo "there is no $program" && return; }
  done
  [ "$(id -u)" -eq 0 ] || { echo "containers are run as root only" && return; }
  podman info >"$CONTAINERS/info.log" 2>&1 ||
    echo "podman does not work: $(tail -n 1 "$CONTAINERS/info.log")"
}

# Settings that also hold where the kernel has both kinds of control groups, or
# the limit on open files cannot be raised.
containers_settings() {
  local files
  files=$(ulimit -Hn)
  [ "$files" != unlimited ] && [ "$files" -lt 20000 ] || files=20000
  mkdir -p "$CONTAINERS"
  cat >"$CONTAINERS/containers.conf" <<C
[containers]
default_ulimits = ["nofile=$files:$files", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
C
  cat >"$CONTAINERS/storage.conf" <<C
[storage]
driver = "overlay"
graphroot = "$CONTAINERS/storage"
runroot = "$CONTAINERS/run"
C
  export CONTAINERS_CONF=$CONTAINERS/containers.conf
  export CONTAINERS_STORAGE_CONF=$CONTAINERS/storage.conf
}

# What Debian's own slim image is made of, as near as its packages allow.
make_base() {
  podman image exists $BASE && return
  [ -s "$CONTAINERS/base.tar" ] || {
    mmdebstrap --quiet --variant=minbase --components=main \
      --aptopt='Acquire::Languages "none"' \
      --dpkgopt='path-exclude=/usr/share/man/*' \
      --dpkgopt='path-exclude=/usr/share/locale/*' \
      --dpkgopt='path-exclude=/usr/share/doc/*' \
      --dpkgopt='path-include=/usr/share/doc/*/copyright' \
      bookworm "$CONTAINERS/base.new.tar" &&
      mv "$CONTAINERS/base.new.tar" "$CONTAINERS/base.tar"
  } && podman import -q "$CONTAINERS/base.tar" $BASE
}

# make_image SOURCE: what is packages' and not ours has a name, so that it
# stays when old layers are thrown away.
make_image() {
  make_base &&
    podman build -q --pull=never --network host --format docker \
      --target packages -t localhost/bearerd-packages "$1" &&
    podman build --pull=never --network host --format docker -t $IMAGE "$1"
}

containers_tidy() {
  podman image prune -f
}
