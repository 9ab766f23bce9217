import { join } from 'node:path'
import fs from 'fs-extra'
import { type Arch, DEBIAN_ARCH } from '../binary/bases.js'
import { installation, type Release } from '../release.js'
import { type Tree, writeTree } from '../tree.js'
import { busybox } from './busybox.js'

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
    writeTree({ ...tree, ...own(release, arch) }, join(folder, DEBIAN_ARCH[arch]), release.epoch)
    tools = version
  }
  const text = fs.readFileSync(join(release.root, 'src/assets/Dockerfile'), 'utf8')
  fs.writeFileSync(join(folder, 'Dockerfile'), fillArgs(text, { VERSION: release.version, BUSYBOX: tools }))
}

function own(release: Release, arch: Arch): Tree {
  const files = Object.entries(installation(release, arch))
  return {
    ...Object.fromEntries(files.map(([name, entry]) => [`opt/cephflex/${name}`, entry])),
    'usr/share/doc/cephflex/LICENSE': { from: join(release.root, 'LICENSE') },
    'usr/share/doc/cephflex/third-party-licenses.txt': { text: release.licenses[arch] },
  }
}

/** The file with a value for each of these ARG lines, so that an engine needs no --build-arg. */
function fillArgs(text: string, args: Readonly<Record<string, string>>): string {
  return text.replace(/^ARG (\w+)$/gm, (line, name: string) =>
    name in args ? `ARG ${name}=${args[name]}` : line,
  )
}
