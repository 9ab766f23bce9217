#!/bin/sh
# Puts the driver into the kubelet's plugin directory, or replaces it there with one rename. This also happens after a
# refused or incomplete removal (abort-*): an installed package must work.
set -e

case ${1-} in
  configure | abort-upgrade | abort-remove | abort-deconfigure) ;;
  *) exit 0 ;;
esac

CEPHFLEX_INSTALL_OPTIONS=''
# shellcheck source=/dev/null
[ ! -r /etc/default/cephflex ] || . /etc/default/cephflex
# shellcheck disable=SC2086 # a list of options
sh /usr/lib/cephflex/install.sh $CEPHFLEX_INSTALL_OPTIONS || {
  cat >&2 <<TEXT
cephflex: the driver was not installed, see above. After fixing the problem, run: dpkg --configure -a
To use another directory, first add this line to /etc/default/cephflex:
CEPHFLEX_INSTALL_OPTIONS='--plugin-dir DIRECTORY'
TEXT
  exit 1
}
