#!/bin/sh
# On purge: removes the configuration that install.sh created, the logs and the empty state directories. Removes nothing
# else, and no directory that still contains other files.
set -e

[ "${1-}" = purge ] || exit 0

rm -f /etc/default/cephflex /etc/cephflex/config.json
[ ! -d /var/log/cephflex ] || find /var/log/cephflex -maxdepth 1 -type f -exec rm -f {} +
# a lock is a directory with the socket of its holder
[ ! -d /run/cephflex/locks ] || find /run/cephflex/locks -maxdepth 2 \( -type f -o -type s \) -exec rm -f {} +
# what calls keep for the next one
rm -f /run/cephflex/scope /run/cephflex/ceph-fuse-release /run/cephflex/sharing-key /run/cephflex/shared/*.failed
# state of volumes that are still mounted (after --force) stays; it is in memory only
[ ! -d /run/cephflex ] || find /run/cephflex -xdev -depth -mindepth 1 -type d -empty -exec rmdir {} \;
for directory in /etc/cephflex /var/log/cephflex /run/cephflex; do
  [ ! -d "$directory" ] || rmdir "$directory" 2>/dev/null || echo "cephflex: kept $directory, which is not empty" >&2
done
