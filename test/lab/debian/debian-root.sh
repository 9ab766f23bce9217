#!/bin/sh
# Prints the path of a tar archive: a small Debian 12 with package lists, and the packages that cephflex depends on and
# recommends downloaded but not installed, so that apt-get resolves and installs them for real without a network.
set -eu
cd "$(dirname "$0")/../../.."
# shellcheck source=test/lab/debian/debian.sh
. test/lab/debian/debian.sh

cache=${CEPHFLEX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cephflex}
# a changed script makes a new archive
archive=$cache/debian-root-$(cksum <test/lab/debian/debian-root.sh | cut -d' ' -f1).tar

make() {
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/.new-XXXXXX")
  trap 'rm -rf "$new"' EXIT
  mirror=$(debian_mirror bookworm)
  # shellcheck disable=SC2016 # the hook's own shell expands it
  mmdebstrap --quiet --mode=root --variant=minbase --skip=cleanup/apt \
    --customize-hook='env -u APT_CONFIG chroot "$1" apt-get -qq -o APT::Install-Recommends=true install -y --download-only ceph-fuse ceph-common >/dev/null' \
    bookworm "$new/root.tar" "deb $mirror bookworm main" >&2
  mv -T "$new/root.tar" "$archive"
}

[ -e "$archive" ] || make
echo "$archive"
