#!/bin/sh
# Prints the folders of Ceph releases, one a line: sh root.sh SUITE...
# Each holds ceph-fuse, the servers and all that they need of one Debian release, to be used with chroot.
# They are made once and kept outside the checkout; remove one to get the newest packages of that release. Nothing is
# installed.
set -eu
# shellcheck source=test/lab/debian/debian.sh
. "$(dirname "$0")/../debian/debian.sh"

# dash and mount: ceph-fuse runs a shell and mount, and 14.2 aborts without them
packages='ceph-fuse ceph-mon ceph-osd ceph-mds ceph-common python3-rados dash mount'
cache=${CEPHFLEX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cephflex}
# a changed script makes new folders
script=$(cksum <"$0" | cut -d' ' -f1)

# make SUITE HOME
make() {
  suite=$1 home=$2
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/.new-XXXXXX")
  trap 'rm -rf "$new"' EXIT
  # shellcheck disable=SC2086 # a list of words
  fetch_debs "$new" "$suite" "$(dpkg --print-architecture)" $packages >"$new/debs"
  for folder in bin sbin lib lib64; do
    mkdir -p "$new/root/usr/$folder"
    ln -s "usr/$folder" "$new/root/$folder"
  done
  for folder in dev proc tmp run etc var/log; do mkdir -p "$new/root/$folder"; done
  # without it ceph-fuse aborts: it cannot make /var/run/ceph
  ln -s ../run "$new/root/var/run"
  # shellcheck disable=SC2046 # the names of packages hold no blanks
  unpack_debs "$new/root" $(cat "$new/debs")
  # what nobody runs is half of it
  rm -rf "$new/root/usr/share/doc" "$new/root/usr/share/man" "$new/root/usr/share/locale" "$new/root/usr/share/i18n"
  sed 's|.*/||' "$new/debs" >"$new/root/packages"
  chmod 755 "$new/root"
  mv -T "$new/root" "$home" 2>/dev/null || [ -x "$home/usr/bin/ceph-fuse" ] # another run was faster
}

for wanted in "$@"; do
  place=$cache/ceph-$wanted-$script
  [ -x "$place/usr/bin/ceph-fuse" ] || (make "$wanted" "$place")
  echo "$place"
done
