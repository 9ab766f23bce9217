#!/bin/sh
# Removes the driver before its package is removed. An upgrade keeps it in place: postinst replaces it.
set -e

[ "${1-}" = remove ] || exit 0
sh /usr/lib/cephflex/package.sh uninstall
