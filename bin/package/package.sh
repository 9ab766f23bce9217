#!/bin/sh
# package.sh install|uninstall: what the scripts of the Debian and RPM packages do with the driver. Read from the files
# below: CEPHFLEX_INSTALL_OPTIONS, options of install.sh.
set -eu

home=/usr/lib/cephflex
CEPHFLEX_INSTALL_OPTIONS=''
for file in /etc/default/cephflex /etc/sysconfig/cephflex; do
  # shellcheck source=/dev/null
  [ ! -r "$file" ] || . "$file"
done

# units are new or gone; without systemd there is nothing to do
systemd() { [ ! -d /run/systemd/system ] || systemctl "$@" || :; }

# shellcheck disable=SC2086 # a list of options
case ${1-} in
  # puts the driver into the kubelet's plugin directory, or replaces it there with one rename
  install)
    systemd daemon-reload
    sh "$home/install.sh" --link "$home/cephflex" $CEPHFLEX_INSTALL_OPTIONS
    ;;
  # refused while volumes are mounted: without the driver the kubelet could not unmount them, and their pods would hang
  # in Terminating
  uninstall)
    sh "$home/install.sh" --uninstall $CEPHFLEX_INSTALL_OPTIONS || {
      cat >&2 <<TEXT
cephflex: the package was not removed, see above; the driver stays installed and keeps working.
To remove it anyway, first run: sh $home/install.sh --uninstall --force
TEXT
      exit 1
    }
    systemd disable --now cephflex-recover.timer cephflex-reap.timer
    rm -f "$home/cephflex"
    ;;
  *) echo "usage: sh $home/package.sh install|uninstall" >&2 && exit 2 ;;
esac
