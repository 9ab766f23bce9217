#!/bin/sh
# Installs the driver, or upgrades it in place. This also happens after a refused or incomplete removal (abort-*): an
# installed package must work.
set -e

case ${1-} in
  configure | abort-upgrade | abort-remove | abort-deconfigure) ;;
  *) exit 0 ;;
esac

sh /usr/lib/cephflex/package.sh install || {
  cat >&2 <<TEXT
cephflex: the driver was not installed, see above. After fixing the problem, run: dpkg --configure -a
To use another directory, first add this line to /etc/default/cephflex:
CEPHFLEX_INSTALL_OPTIONS='--plugin-dir DIRECTORY'
TEXT
  exit 1
}
