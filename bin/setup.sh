#!/bin/sh
# Installs the Debian packages for the demo, the tests, the benchmarks or the packaging, if any is missing.
#   sh bin/setup.sh demo|test|ceph|bench|package|kube|reliability|vm
set -eu

CLUSTER='ceph-mon ceph-osd ceph-mds ceph-fuse ceph-common python3-rados python3-cephfs attr'
case ${1:-} in
  demo) wanted=$CLUSTER ;;
  test) wanted="$CLUSTER ceph-mgr busybox e2fsprogs fish mandoc openssl procps prometheus shellcheck zsh" ;;
  ceph) wanted="$CLUSTER procps" ;;
  package) wanted="$CLUSTER binutils buildah busybox lintian mmdebstrap procps rpm rpmlint skopeo strace jq time gcc libc6-dev" ;;
  bench) wanted="$CLUSTER jq time gcc libc6-dev" ;;
  kube) wanted="$CLUSTER buildah procps curl openssl gcc libc6-dev iproute2 libseccomp2" ;;
  reliability) wanted="$CLUSTER e2fsprogs procps strace" ;;
  vm) wanted="$CLUSTER cpio kmod qemu-system-arm qemu-system-x86 xz-utils zstd" ;;
  *) echo 'usage: sh bin/setup.sh demo|test|ceph|bench|package|kube|reliability|vm' >&2; exit 2 ;;
esac

missing=
for package in $wanted; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null; then
  echo "setup: these Debian packages are missing, and this system has no apt-get:$missing" >&2
  exit 1
fi
if [ "$(id -u)" != 0 ]; then
  echo "setup: Debian packages are missing; as root, run: $install" >&2
  exit 1
fi
echo "setup: installing Debian packages:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# no service of a package may start: the tests and the demo start private clusters
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$log" "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
if ! { apt-get -q update && $install; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "setup: failed: $install" >&2
  exit 1
fi
