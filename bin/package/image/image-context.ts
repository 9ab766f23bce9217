import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Arch, DEBIAN_ARCH } from '../binary/bases.js'
import { installation, type Release } from '../release.js'
import { type Tree, writeTree } from '../tree.js'
import { busybox } from './busybox.js'
import { fillArgs, type ImageDefinition, readDockerfile } from './dockerfile.js'

/** Where `docker build` finds everything, below `release.output`. */
export const CONTEXT = 'image'

/**
 * Makes the folder of a container build: `src/assets/Dockerfile` with its values, and beside it the root of the image
 * for each processor, by the name that engines give it (TARGETARCH).
 */
export function makeContext(release: Release, archs: readonly Arch[]): void {
  const folder = join(release.output, CONTEXT)
  let tools = ''
  for (const arch of archs) {
    const { tree, version } = busybox(arch)
    const root = join(folder, DEBIAN_ARCH[arch])
    mkdirSync(root, { recursive: true })
    writeTree({ ...tree, ...own(release, arch) }, root, release.epoch)
    tools = version
  }
  const text = readFileSync(join(release.root, 'src/assets/Dockerfile'), 'utf8')
  writeFileSync(join(folder, 'Dockerfile'), fillArgs(text, { VERSION: release.version, BUSYBOX: tools }))
}

/** What the Dockerfile of that folder says about the image for a processor. */
export function definition(release: Release, arch: Arch): ImageDefinition {
  const text = readFileSync(join(release.output, CONTEXT, 'Dockerfile'), 'utf8')
  return readDockerfile(text, { TARGETARCH: DEBIAN_ARCH[arch] })
}

function own(release: Release, arch: Arch): Tree {
  const files = Object.entries(installation(release, arch))
  return {
    ...Object.fromEntries(files.map(([name, entry]) => [`opt/cephflex/${name}`, entry])),
    'usr/share/doc/cephflex/LICENSE': { from: join(release.root, 'LICENSE') },
    'usr/share/doc/cephflex/third-party-licenses.txt': { text: release.licenses[arch] },
  }
}
