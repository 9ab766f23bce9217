#!/bin/sh
# Prints the folder of Debian's static busybox for an architecture: busybox.sh amd64|arm64. It holds the package
# unpacked, and the file `version`. Fetched once, without touching the system's apt.
set -eu
cd "$(dirname "$0")/../../.."
# shellcheck source=test/lab/debian/debian.sh
. test/lab/debian/debian.sh

suite=$(machine_suite)
cache=${CEPHFLEX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cephflex}
# a changed script makes a new folder
home=$cache/busybox-$1-$suite-$(cat bin/package/image/busybox.sh test/lab/debian/debian.sh | cksum | cut -d' ' -f1)

make() {
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/.new-XXXXXX")
  trap 'rm -rf "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  (cd "$new" && apt_in "$new" "$suite" "$1" download busybox-static)
  dpkg -x "$new"/busybox-static_*.deb "$new"
  dpkg-deb -f "$new"/busybox-static_*.deb Version >"$new/version"
  rm -rf "$new"/apt-* "$new"/*.deb
  chmod 755 "$new"
  mv -T "$new" "$home" 2>/dev/null || [ -x "$home/bin/busybox" ] # another run was faster
}

[ -x "$home/bin/busybox" ] || make "$1"
echo "$home"
