#!/bin/sh
# Makes what a throw-away VM boots, from Debian's packages, into the cache, and prints the folder:
#   sh test/lab/vm/image.sh bookworm|trixie amd64|arm64 [16k]
# 16k: the kernel of arm64 that has pages of 16K
# kernel  the release's kernel (x86-64: unpacked, which boots 4 s faster under emulation)
# initrd  loads a few modules and mounts the root: this tree, read-only, under a memory layer
# root/   the userland, only unpacked: shell, mount, kmod, the Ceph clients, systemd, and the modules of the kernel
# versions  one package a line
# Nothing is installed and nothing is run in the tree, so any architecture will do. Root: files keep their owners.
set -eu
cd "$(dirname "$0")/../../.."
# shellcheck source=test/lab/debian/debian.sh
. test/lab/debian/debian.sh

case $#:${2-}:${3-} in
  2:*: | 3:arm64:16k) ;;
  *) sed -n 2,9p test/lab/vm/image.sh >&2; exit 2 ;;
esac
suite=$1 arch=$2 flavour=${3:+-$3}
tools='bash dash coreutils util-linux mount grep sed mawk findutils procps kmod iproute2 libc-bin base-passwd'
# Debian builds ceph-fuse for x86-64 only, and systemd is tested there
case $arch in
  amd64) packages="$tools ceph-common ceph-fuse systemd" ;;
  arm64) packages="$tools ceph-common" ;;
  *) echo "image: no such architecture: $arch" >&2; exit 2 ;;
esac
boot_modules='virtio_pci virtio_mmio 9p 9pnet_virtio overlay virtio_net virtio_console'
cache=${CEPHFLEX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cephflex}
# a changed script makes a new folder
key=$(cat test/lab/vm/image.sh test/lab/vm/guest/init.sh test/lab/debian/debian.sh | cksum | cut -d' ' -f1)
home=$cache/vm-$suite-$arch$flavour-$key

# kernel_package: the package that the meta package of this architecture stands for
kernel_package() {
  fetch_debs "$new" "$suite" "$arch" "linux-image-$arch$flavour" | sed -n 's|.*/\(linux-image-[0-9][^/]*\)$|\1|p'
}

# unpack_bzimage FROM TO: the payload of a bzImage (boot protocol 2.08: its place is at 0x248), uncompressed
unpack_bzimage() {
  number() { od -An -v -j "$1" -N "$2" -t "u$2" "$from" | tr -d ' '; }
  from=$1
  start=$((($(number 497 1) + 1) * 512 + $(number 584 4)))
  # its last four bytes are its size when unpacked
  length=$(($(number 588 4) - 4))
  tail -c "+$((start + 1))" "$from" | head -c "$length" >"$2.packed"
  case $(od -An -N 4 -t x1 "$2.packed" | tr -d ' ') in
    fd377a58) xz -dc --single-stream "$2.packed" >"$2" ;;
    28b52ffd) zstd -dcq "$2.packed" >"$2" ;;
    *) echo "image: the kernel is packed in an unknown way" >&2; exit 1 ;;
  esac
  rm "$2.packed"
}

# unpack_kernel DEB: the kernel, and of its modules those that a file system over a network can need
unpack_kernel() {
  mkdir "$new/boot"
  dpkg-deb --fsys-tarfile "$1" | tar -x -C "$new/boot" --wildcards './boot/vmlinuz-*'
  dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$new/root" --wildcards \
    '*/lib/modules/*/modules.*' '*/lib/modules/*/kernel/fs/*' '*/lib/modules/*/kernel/net/*' \
    '*/lib/modules/*/kernel/lib/*' '*/lib/modules/*/kernel/crypto/*' '*/lib/modules/*/kernel/arch/*' \
    '*/lib/modules/*/kernel/drivers/virtio/*' '*/lib/modules/*/kernel/drivers/char/*' \
    '*/lib/modules/*/kernel/drivers/net/virtio_net*' '*/lib/modules/*/kernel/drivers/net/net_failover*'
  release=$(cd "$new/root/lib/modules" && ls)
  depmod -b "$new/root" "$release"
  case $arch in
    amd64) unpack_bzimage "$new"/boot/boot/vmlinuz-* "$new/kernel" ;;
    *) cp "$new"/boot/boot/vmlinuz-* "$new/kernel" ;;
  esac
  rm -rf "${new:?}/boot"
}

make_initrd() {
  tree=$new/initrd.d
  mkdir -p "$tree/bin" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/lower" "$tree/upper" "$tree/root" "$tree/modules"
  unpack_debs "$new/busybox" "$(fetch_debs "$new" "$suite" "$arch" busybox-static | grep /busybox-static_)"
  cp "$new/busybox/bin/busybox" "$tree/bin/busybox"
  ln -s busybox "$tree/bin/sh"
  for module in $boot_modules; do
    modprobe -d "$new/root" -S "$release" --show-depends "$module"
  done | sed -n 's/^insmod //p' | awk '!seen[$1]++ {print $1}' | while read -r path; do
    name=$(basename "$path")
    case $name in
      *.xz) xz -dc "$path" >"$tree/modules/${name%.xz}" ;;
      *) cp "$path" "$tree/modules/$name" ;;
    esac
    echo "${name%.xz}" >>"$tree/modules/order"
  done
  cp test/lab/vm/guest/init.sh "$tree/init"
  chmod 755 "$tree/init"
  (cd "$tree" && find . | cpio -o -H newc --quiet) >"$new/initrd"
  rm -rf "$tree" "$new/busybox"
}

# what the packages' own scripts would have made
finish_root() {
  root=$new/root
  [ -e "$root/bin/sh" ] || ln -s dash "$root/bin/sh"
  [ -e "$root/usr/bin/awk" ] || ln -s mawk "$root/usr/bin/awk"
  mkdir -p "$root/etc" "$root/mnt" "$root/root" "$root/tmp" "$root/run" "$root/sys" "$root/proc" "$root/dev" "$root/opt"
  ln -sf /proc/self/mounts "$root/etc/mtab"
  cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
  printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$root/etc/nsswitch.conf"
  rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
}

make() {
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/.new-XXXXXX")
  trap 'rm -rf "$new"' EXIT
  # shellcheck disable=SC2086 # a list of words
  debs=$(fetch_debs "$new" "$suite" "$arch" $packages)
  # shellcheck disable=SC2086 # paths of our own making
  unpack_debs "$new/root" $debs
  finish_root
  kernel=$new/apt-$suite-$arch/archives/$(kernel_package)
  unpack_kernel "$kernel"
  make_initrd
  (cd "$new/apt-$suite-$arch/archives" && find . -name '*.deb' -printf '%f\n' | sort) >"$new/versions"
  rm -rf "$new"/apt-* "$new/keyring"
  chmod 755 "$new"
  mv -T "$new" "$home" 2>/dev/null || [ -e "$home/initrd" ] # another run was faster
}

[ -e "$home/initrd" ] || make
echo "$home"
