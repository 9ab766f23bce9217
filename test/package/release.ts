import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** The results of `npm run package`, for the suites. */
export const PKG = resolve('dist/pkg')
export const { version: VERSION } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

export const DEBS = {
  x64: `${PKG}/cephflex_${VERSION}_amd64.deb`,
  arm64: `${PKG}/cephflex_${VERSION}_arm64.deb`,
} as const

export const RPMS = {
  x64: `${PKG}/cephflex-${VERSION}-1.x86_64.rpm`,
  arm64: `${PKG}/cephflex-${VERSION}-1.aarch64.rpm`,
} as const

export const IMAGE = `${PKG}/cephflex-${VERSION}-oci.tar`

/** The default directory of the driver on a node. */
export const PLUGINS = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec'
export const DRIVER = 'cephflex~cephfs/cephfs'
