#!/bin/sh
# Removes the driver before its package is removed. Refused while its volumes are mounted: without the driver the
# kubelet could not unmount them, and their pods would hang in Terminating. An upgrade keeps it in place: postinst
# replaces it.
set -e

[ "${1-}" = remove ] || exit 0

CEPHFLEX_INSTALL_OPTIONS=''
# shellcheck source=/dev/null
[ ! -r /etc/default/cephflex ] || . /etc/default/cephflex
# shellcheck disable=SC2086 # a list of options
sh /usr/lib/cephflex/install.sh --uninstall $CEPHFLEX_INSTALL_OPTIONS || {
  cat >&2 <<TEXT
cephflex: the package was not removed, see above; the driver stays installed and keeps working.
To remove it anyway, first run: sh /usr/lib/cephflex/install.sh --uninstall --force
TEXT
  exit 1
}
