import type { Release } from '../release.js'

/**
 * What the binary links against (readelf -d), and one Ceph client: Debian has ceph-fuse for amd64 only, so either
 * satisfies; mount.ceph is in ceph-common. libgcc1 is the name in Debian 10 and Ubuntu 18.10.
 */
const DEPENDS = 'libc6 (>= 2.28), libgcc-s1 | libgcc1, libstdc++6 (>= 5.1), ceph-fuse | ceph-common'

/** Both clients, for the mounter `auto`; ceph-fuse brings fusermount along. */
const RECOMMENDS = 'ceph-common, ceph-fuse'

const LONG = [
  'cephflex mounts CephFS volumes into the pods of a Kubernetes node: with',
  'ceph-fuse, and with the kernel client where FUSE cannot be used. The kubelet',
  'runs it for every mount and unmount; no daemon of it runs on the node.',
  '.',
  "This package places the driver in the kubelet's plugin directory, which it",
  'finds by asking the running kubelet, and takes it away when it is removed.',
  'It brings its own Node.js.',
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
