#!/bin/sh
# Runs arm64 programs on another processor without installing anything: prints the folder that holds `arm64`
# (`$(arm64-sysroot.sh)/arm64 PROGRAM ARG...`), made of Debian's qemu-user-static and the arm64 libraries Node needs.
# Needs Debian's packages once, no root and no binfmt registration: programs that the arm64 program starts are looked up
# by the kernel as usual, so it can run this machine's mount, ceph-fuse and umount. as-arm64.sh is for a test in which
# arm64 programs start arm64 programs. `qemu-x86_64-static` is there, too: for other processors than that of this machine.
set -eu

cd "$(dirname "$0")/../../.."
# shellcheck source=test/lab/debian/debian.sh
. test/lab/debian/debian.sh
# this machine's own package sources serve both processors
suite=$(machine_suite)
libraries='libc6 libstdc++6 libgcc-s1 libatomic1'
cache=${CEPHFLEX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cephflex}
# a changed script makes a new folder
home=$cache/arm64-$suite-$(cat test/lab/debian/arm64-sysroot.sh test/lab/debian/debian.sh | cksum | cut -d' ' -f1)

make() {
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/.new-XXXXXX")
  trap 'rm -rf "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  host=$(dpkg --print-architecture)
  mkdir "$new/debs" "$new/root" "$new/qemu"
  # shellcheck disable=SC2086 # a list of words
  (cd "$new/debs" && apt_in "$new" "$suite" arm64 download $libraries && apt_in "$new" "$suite" "$host" download qemu-user-static)
  for deb in "$new"/debs/*_arm64.deb; do dpkg -x "$deb" "$new/root"; done
  dpkg -x "$new"/debs/qemu-user-static_*.deb "$new/qemu"
  cp "$new"/qemu/usr/bin/qemu-aarch64-static "$new"/qemu/usr/bin/qemu-x86_64-static "$new"
  cp "$new/qemu/usr/lib/binfmt.d/qemu-aarch64.conf" "$new/binfmt.conf"
  (cd "$new/debs" && ls) >"$new/versions"
  rm -rf "$new/debs" "$new/qemu" "$new"/apt-*
  cat >"$new/arm64" <<'RUN'
#!/bin/sh
here=$(dirname "$0")
exec "$here/qemu-aarch64-static" -L "$here/root" "$@"
RUN
  chmod 755 "$new" "$new/arm64"
  mv -T "$new" "$home" 2>/dev/null || [ -x "$home/arm64" ] # another run was faster
}

[ -x "$home/arm64" ] || make
echo "$home"
