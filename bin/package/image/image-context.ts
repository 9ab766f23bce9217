import { join } from 'node:path'
import fs from 'fs-extra'
import { type Arch, DEBIAN_ARCH } from '../binary/bases.js'
import { installation, type Release } from '../release.js'
import { type Tree, writeTree } from '../tree.js'
import { busybox } from './busybox.js'

/** The folder for `docker build` in `release.output`. */
export const CONTEXT = 'image'

/**
 * Makes the folder for a container build: `src/assets/Dockerfile` with its values, and the root directory of the image
 * for each processor, named as in TARGETARCH.
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

/** Adds values to these ARG lines, so that an engine needs no --build-arg. */
function fillArgs(text: string, args: Readonly<Record<string, string>>): string {
  return text.replace(/^ARG (\w+)$/gm, (line, name: string) =>
    name in args ? `ARG ${name}=${args[name]}` : line,
  )
}
