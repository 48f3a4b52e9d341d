#!/bin/sh
# Make the configure script from its sources.  Needs autoconf, automake, pkg-config.
set -e
cd "$(dirname "$0")"
exec autoreconf --force --install --warnings=all,no-obsolete
