#!/bin/sh
# First program of the VM: the tree of the host, read-only, under a layer in memory; then guest.sh in it.
B=/bin/busybox
$B mount -t proc proc /proc
$B mount -t sysfs sysfs /sys
$B mount -t devtmpfs dev /dev
fail() {
  echo "init: failed: $*"
  $B poweroff -f
}
while read -r module; do $B insmod "/modules/$module" || fail "module $module"; done </modules/order
options=trans=virtio,version=9p2000.L,msize=512000
$B mount -t 9p -o "ro,$options,cache=loose" root /lower || fail root
$B mount -t tmpfs -o mode=755 tmpfs /upper
$B mkdir /upper/data /upper/work
$B mount -t overlay -o lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work overlay /root || fail overlay
$B mount --move /dev /root/dev
$B mount --move /proc /root/proc
$B mount --move /sys /root/sys
$B mkdir -p /root/dev/pts /root/dev/shm /root/opt/cephflex /root/opt/guest
$B mount -t devpts devpts /root/dev/pts
$B mount -t tmpfs tmpfs /root/dev/shm
$B mount -t tmpfs -o mode=755 tmpfs /root/run
$B mount -t tmpfs tmpfs /root/tmp
$B mount -t 9p -o "ro,$options,cache=loose" driver /root/opt/cephflex || fail 'share with the driver'
$B mount -t 9p -o "ro,$options,cache=loose" guest /root/opt/guest || fail 'share with the scripts'
exec $B switch_root /root /bin/bash /opt/guest/guest.sh </dev/console >/dev/console 2>&1
