#!/bin/sh
# Places the driver where this node's kubelet looks for it, or replaces it there by one rename. Also after a removal
# that was refused or failed halfway (abort-*): what is installed must work.
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
cephflex: the driver was not placed, see above. When that is repaired: dpkg --configure -a
For another directory, first write this line into /etc/default/cephflex:
CEPHFLEX_INSTALL_OPTIONS='--plugin-dir DIRECTORY'
TEXT
  exit 1
}
