#!/bin/bash
# Prints the path of a container image for the controller, made without a registry: Debian bookworm's python3 with Ceph's
# modules and the libraries they need, and nothing else: no shell, no user but root, no configuration of Ceph. In
# containerd its name is localhost/cephflex/client:1.
# Made once, by buildah, and kept outside the checkout. Progress goes to stderr.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=/dev/null
. ../debian/debian.sh

packages=(python3 python3-rados python3-cephfs)
arch=$(dpkg --print-architecture)
cache=${CEPHFLEX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cephflex}
days_unused=30

# A changed script or a new version of a package (as far as this machine's lists tell) makes a new image.
key() {
  { cat client-image.sh && LC_ALL=C apt-cache policy "${packages[@]}" | sed -n 's/^  Candidate: //p'; } |
    sha256sum | cut -c1-16
}

# buildah with a storage of its own: in_storage ARG...
in_storage() { buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"; }

make() {
  local root=$work/root
  echo "fetching ${packages[*]}" >&2
  fetch_debs "$work" bookworm "$arch" "${packages[@]}" >"$work/debs"
  # shellcheck disable=SC2046 # the names of packages hold no blanks
  unpack_debs "$root" $(cat "$work/debs")
  # a container gets a copy of all that is left
  find "$root/usr/bin" -mindepth 1 ! -name 'python3*' -delete
  (cd "$root" && rm -rf etc var usr/include usr/sbin usr/share)
  mkdir -p "$root"/{dev,etc,proc,run,sys,tmp,var}
  ln -s ../run "$root/var/run"
  printf 'FROM scratch\nCOPY root /\nENV PATH=/usr/bin:/bin\n' >"$work/Dockerfile"
  {
    in_storage build --isolation chroot --layers=false --pull-never --tag client "$work"
    in_storage push client "docker-archive:$work/image.tar:localhost/cephflex/client:1"
  } >&2
  mv -T "$work/image.tar" "$image"
}

mkdir -p "$cache"
exec 9>"$cache/.client-image.lock"
flock 9
image=$cache/client-image-$(key).tar
if [ ! -e "$image" ]; then
  work=$(mktemp -d "$cache/.new-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' INT TERM
  make
fi
touch "$image"
find "$cache" -maxdepth 1 -name 'client-image-*' -mtime +$days_unused -delete
echo "$image"
