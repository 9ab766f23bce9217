import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Arch, DEBIAN_ARCH } from '../binary/bases.js'
import type { Release } from '../release.js'
import { tar } from '../tools.js'
import { CONTEXT, definition, makeContext } from './image-context.js'
import { joinPlatforms } from './image-index.js'

/**
 * Makes `cephflex-VERSION-oci.tar`, an OCI archive with an image for each processor, the same bytes each time, from the
 * folder that a container engine would build it from. By umoci: it writes layers and settings without an engine, a base
 * image or a registry; buildah would need a storage of its own.
 *
 * @returns the file's name in `release.output`.
 */
export function makeImage(release: Release, archs: readonly Arch[]): string {
  const name = `${release.name}-${release.version}-oci.tar`
  const work = mkdtempSync(join(tmpdir(), 'cephflex-image-'))
  try {
    makeContext(release, archs)
    const layout = join(work, 'layout')
    umoci('init', '--layout', layout)
    for (const arch of archs) addPlatform(release, arch, layout, work)
    umoci('gc', '--layout', layout)
    joinPlatforms(layout, release)
    tar(layout, ['blobs', 'index.json', 'oci-layout'], join(release.output, `.${name}`), release.epoch)
    renameSync(join(release.output, `.${name}`), join(release.output, name))
    return name
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function addPlatform(release: Release, arch: Arch, layout: string, work: string): void {
  const image = `${layout}:${DEBIAN_ARCH[arch]}`
  const { copies, labels, env, cmd, workingDir } = definition(release, arch)
  const created = new Date(release.epoch * 1000).toISOString().replace('.000', '')
  const history = ['--history.created', created, '--history.created_by']
  umoci('new', '--image', image)
  for (const folder of copies) {
    const root = join(release.output, CONTEXT, folder)
    // a tar of our own: the one that umoci 0.4.7 writes for "insert" lacks its end
    const layer = join(work, 'layer.tar')
    tar(root, readdirSync(root), layer, release.epoch)
    umoci('raw', 'add-layer', '--image', image, ...history, `COPY ${folder}/ /`, layer)
  }
  umoci(
    ...['config', '--image', image, ...history, 'settings'],
    ...['--created', created, '--os', 'linux', '--architecture', DEBIAN_ARCH[arch]],
    ...Object.entries(labels).flatMap(([key, value]) => ['--config.label', `${key}=${value}`]),
    ...Object.entries(env).flatMap(([key, value]) => ['--config.env', `${key}=${value}`]),
    ...cmd.flatMap(word => ['--config.cmd', word]),
    ...['--config.workingdir', workingDir],
  )
}

function umoci(...args: string[]): void {
  execFileSync('umoci', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}
