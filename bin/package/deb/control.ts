import type { Release } from '../release.js'

/**
 * The libraries of the binaries (readelf -d), and one Ceph client: Debian has ceph-fuse for amd64 only, so either client
 * is enough. mount.ceph is in ceph-common. The glibc is that of the binary with Bun; where it is older than 2.28, the one
 * with Node.js is not chosen. libgcc1 is the name in Debian 10 and Ubuntu 18.10.
 */
const DEPENDS = 'libc6 (>= 2.17), libgcc-s1 | libgcc1, libstdc++6, ceph-fuse | ceph-common'

/** Both clients, for the mounter `auto`; ceph-fuse depends on fusermount. */
const RECOMMENDS = 'ceph-common, ceph-fuse'

const LONG = [
  'cephflex mounts CephFS volumes into the pods of a Kubernetes node: with',
  'ceph-fuse, and with the kernel client where FUSE cannot be used. The kubelet',
  'runs it for every mount and unmount; no long-running daemon is installed.',
  '.',
  "This package puts the driver into the kubelet's plugin directory, which it",
  'detects from the running kubelet, and deletes it there on removal.',
  'It has the driver twice, with Bun and with Node.js, and installs the first',
  'that works on the node. Both engines are included.',
]

/** DEBIAN/control of the package for a Debian architecture; `size` is that of all files, in KiB. */
export function control(release: Release, architecture: string, size: number): string {
  return `${[
    `Package: ${release.name}`,
    `Version: ${release.version}`,
    `Architecture: ${architecture}`,
    `Maintainer: ${release.maintainer}`,
    `Installed-Size: ${size}`,
    `Depends: ${DEPENDS}`,
    `Recommends: ${RECOMMENDS}`,
    'Section: admin',
    'Priority: optional',
    'Description: Kubernetes FlexVolume driver for CephFS',
    ...LONG.map(line => ` ${line}`),
  ].join('\n')}\n`
}
