import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import { type Arch, DEBIAN_ARCH } from '../binary/bases.js'
import type { Release } from '../release.js'
import { cleanEnv, inFolder, tar } from '../tools.js'
import { CONTEXT, makeContext } from './image-context.js'

/**
 * Makes `cephflex-VERSION-oci.tar`, an OCI archive with an image for each processor, the same bytes each time. buildah
 * builds it from the Dockerfile, in a temporary storage, with one build for each processor: a common build would list
 * them in the order in which they finish.
 *
 * @returns the file's name in `release.output`.
 */
export function makeImage(release: Release, archs: readonly Arch[]): string {
  const name = `${release.name}-${release.version}-oci.tar`
  makeContext(release, archs)
  return inFolder(join(tmpdir(), 'cephflex-image-'), work => {
    const layout = join(work, 'layout')
    const list = `${release.name}:${release.version}`
    for (const arch of archs) build(work, list, join(release.output, CONTEXT), arch, release.epoch)
    buildah(work, 'manifest', 'push', '--all', '--format', 'oci', list, `oci:${layout}:${release.version}`)
    nameForContainerd(layout, list)
    // not buildah's own archive, which contains the current time
    const made = join(work, name)
    tar(layout, ['blobs', 'index.json', 'oci-layout'], made, release.epoch)
    fs.moveSync(made, join(release.output, name))
    return name
  })
}

function build(work: string, list: string, context: string, arch: Arch, epoch: number): void {
  const platform = ['--platform', `linux/${DEBIAN_ARCH[arch]}`, '--manifest', list, '--pull-never']
  // no container starts: the Dockerfile has no RUN
  const without = ['--isolation', 'chroot', '--layers', '--identity-label=false']
  buildah(work, 'build', '--format', 'oci', '--timestamp', String(epoch), ...platform, ...without, context)
}

/** Sets the name for the import into containerd, so that a manifest can use cephflex:VERSION. */
function nameForContainerd(layout: string, list: string): void {
  const file = join(layout, 'index.json')
  const index = fs.readJsonSync(file) as { manifests: [{ annotations: Record<string, string> }] }
  index.manifests[0].annotations['io.containerd.image.name'] = `docker.io/library/${list}`
  fs.writeJsonSync(file, index)
}

function buildah(work: string, ...args: string[]): void {
  const storage = ['--storage-driver', 'vfs', '--root', join(work, 'storage'), '--runroot', join(work, 'run')]
  const env = cleanEnv({ HOME: work, TMPDIR: work, XDG_RUNTIME_DIR: work })
  execaSync('buildah', [...storage, ...args], env)
}
