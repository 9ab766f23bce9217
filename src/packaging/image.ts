import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Arch } from './bases.js'
import { busybox } from './busybox.js'
import { DEBIAN_ARCH } from './deb.js'
import { joinPlatforms } from './image-index.js'
import { installation, type Release } from './release.js'
import { tar } from './tools.js'
import { type Tree, writeTree } from './tree.js'

/** Ends at once when the pod is deleted: the first process of a container dies of no signal that it does not catch. */
const WAIT = "trap 'exit 0' TERM INT; while sleep 86400 & wait $!; do :; done"

const ENVIRONMENT = { PATH: '/bin' }

/**
 * Makes `cephflex-VERSION-oci.tar`, an OCI archive with an image for each processor, the same bytes each time. By umoci:
 * it writes layers and settings without an engine, a base image or a registry; buildah would need a storage of its own.
 *
 * @returns the file's name in `release.output`.
 */
export function makeImage(release: Release, archs: readonly Arch[]): string {
  const name = `${release.name}-${release.version}-oci.tar`
  const work = mkdtempSync(join(tmpdir(), 'cephflex-image-'))
  try {
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
  const root = join(work, arch)
  const created = new Date(release.epoch * 1000).toISOString().replace('.000', '')
  const history = ['--history.created', created, '--history.created_by']
  const tools = busybox(arch)
  mkdirSync(root)
  writeTree({ ...tools.tree, ...own(release, arch) }, root, release.epoch)
  umoci('new', '--image', image)
  // a tar of our own: the one that umoci 0.4.7 writes for "insert" lacks its end
  const layer = join(work, `${arch}.tar`)
  tar(root, readdirSync(root), layer, release.epoch)
  umoci('raw', 'add-layer', '--image', image, ...history, `busybox ${tools.version}, install.sh`, layer)
  const labels = {
    'org.opencontainers.image.title': release.name,
    'org.opencontainers.image.description': release.description,
    'org.opencontainers.image.version': release.version,
    'org.opencontainers.image.licenses': 'Apache-2.0 AND MIT AND GPL-2.0-only',
    'busybox.version': tools.version,
  }
  umoci(
    ...['config', '--image', image, ...history, 'settings'],
    ...['--created', created, '--os', 'linux', '--architecture', DEBIAN_ARCH[arch]],
    ...Object.entries(labels).flatMap(([key, value]) => ['--config.label', `${key}=${value}`]),
    ...Object.entries(ENVIRONMENT).flatMap(([key, value]) => ['--config.env', `${key}=${value}`]),
    ...['/bin/sh', '-c', WAIT].flatMap(word => ['--config.cmd', word]),
    ...['--config.workingdir', '/'],
  )
}

function own(release: Release, arch: Arch): Tree {
  const files = Object.entries(installation(release, arch))
  return {
    ...Object.fromEntries(files.map(([name, entry]) => [`opt/cephflex/${name}`, entry])),
    'usr/share/doc/cephflex/LICENSE': { from: join(release.root, 'LICENSE') },
    'usr/share/doc/cephflex/third-party-licenses.txt': { text: release.licenses[arch] },
  }
}

function umoci(...args: string[]): void {
  execFileSync('umoci', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}
