#!/bin/sh
# kubectl.sh SUITE: prints the path of kubectl of a Debian release. It is kept in the cache and not installed; remove the
# folder to get a newer one.
set -eu
# shellcheck source=test/lab/debian/debian.sh
. "$(dirname "$0")/../debian/debian.sh"

suite=$1
cache=${CEPHFLEX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cephflex}
# a changed script makes a new folder
home=$cache/kubectl-$suite-$(cksum <"$0" | cut -d' ' -f1)
if [ ! -x "$home/usr/bin/kubectl" ]; then
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/.new-XXXXXX")
  trap 'rm -rf "$new"' EXIT
  arch=$(dpkg --print-architecture)
  apt_in "$new" "$suite" "$arch" update
  (cd "$new" && apt_in "$new" "$suite" "$arch" download kubectl)
  mkdir "$new/root"
  dpkg -x "$new"/kubectl_*.deb "$new/root"
  mv -T "$new/root" "$home" 2>/dev/null || [ -x "$home/usr/bin/kubectl" ] # another run was faster
fi
echo "$home/usr/bin/kubectl"
