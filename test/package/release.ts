import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** What `npm run package` has made, for the suites. */
export const PKG = resolve('dist/pkg')
export const { version: VERSION } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

export const DEBS = {
  x64: `${PKG}/cephflex_${VERSION}_amd64.deb`,
  arm64: `${PKG}/cephflex_${VERSION}_arm64.deb`,
} as const

export const IMAGE = `${PKG}/cephflex-${VERSION}-oci.tar`

/** Where the driver belongs on a node whose kubelet names no other directory. */
export const PLUGINS = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec'
export const DRIVER = 'cephflex~cephfs/cephfs'
