#!/bin/sh
# as-arm64.sh "QEMU-OPTIONS" COMMAND...: runs a command as on an arm64 node: the kernel starts arm64 programs by itself, in
# qemu-user with these options (such as "-cpu cortex-a53" or "-p 65536"), and uname(1) has the processor. Root.
# Only one such command runs at a time, because the kernel has one way to start arm64 programs. It ends with the command.
set -eu

if [ "$1" != --inside ]; then
  exec flock /run/lock/cephflex-as-arm64 unshare --mount sh "$0" --inside "$(sh "$(dirname "$0")/arm64-sysroot.sh")" "$@"
fi
system=$2 options=$3
shift 3

# a copy of the mount of another test would keep its ceph-fuse from ending
while read -r _ place type _; do
  case $type in fuse | fuse.*) umount -c -l "$place" || true ;; esac
done </proc/self/mounts

work=$(mktemp -d)
name=cephflex-$$
kinds=/proc/sys/fs/binfmt_misc
end() {
  [ ! -e "$kinds/$name" ] || echo -1 >"$kinds/$name"
  rm -f "$work/emulator" "$work/uname"
  rmdir "$work"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
printf '#!/bin/sh\nexec "%s" %s -L "%s" "$@"\n' "$system/qemu-aarch64-static" "$options" "$system/root" >"$work/emulator"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\n[ "$1" = -m ] && echo aarch64 || exec /usr/bin/uname "$@"\n' >"$work/uname"
chmod 755 "$work/emulator" "$work/uname"
mount -t binfmt_misc none $kinds
sed -n "s|^:qemu-aarch64:\(.*\):/usr/.*|:$name:\1:$work/emulator:|p" "$system/binfmt.conf" >$kinds/register
PATH=$work:$PATH "$@"
