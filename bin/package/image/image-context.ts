import { join } from 'node:path'
import fs from 'fs-extra'
import { type Arch, DEBIAN_ARCH, type EngineName } from '../binary/bases.js'
import { binaryName, installation, type Release, SBOM } from '../release.js'
import { type Tree, writeTree } from '../tree.js'
import { busybox } from './busybox.js'

/** The folder for `docker build` in `release.output`. */
export const CONTEXT = 'image'

/**
 * Makes the folder for a container build: `src/assets/Dockerfile` with its values, and for each processor, named as in
 * TARGETARCH, a folder for each layer: the tools, and the binary with each engine.
 */
export function makeContext(release: Release, archs: readonly Arch[]): void {
  const folder = join(release.output, CONTEXT)
  let tools = ''
  for (const arch of archs) {
    const { tree, version } = busybox(arch)
    for (const [layer, files] of Object.entries(layers(release, arch, tree)))
      writeTree(files, join(folder, DEBIAN_ARCH[arch], layer), release.epoch)
    tools = version
  }
  const text = fs.readFileSync(join(release.root, 'src/assets/Dockerfile'), 'utf8')
  fs.writeFileSync(join(folder, 'Dockerfile'), fillArgs(text, { VERSION: release.version, BUSYBOX: tools }))
}

/** The files of each layer, by its name in the Dockerfile. */
function layers(release: Release, arch: Arch, tools: Tree): Record<'tools' | EngineName, Tree> {
  const files = Object.fromEntries(
    Object.entries(installation(release, arch)).map(([name, entry]) => [`opt/cephflex/${name}`, entry]),
  )
  const engineLayer = (engine: EngineName): Tree => {
    const program = `opt/cephflex/${binaryName(release, arch, engine)}`
    const { [program]: entry } = files
    delete files[program]
    return entry ? { [program]: entry } : {}
  }
  return {
    node: engineLayer('node'),
    bun: engineLayer('bun'),
    tools: {
      ...tools,
      ...files,
      'usr/share/doc/cephflex/LICENSE': { from: join(release.root, 'LICENSE') },
      [`usr/share/doc/cephflex/${SBOM}`]: { from: join(release.output, SBOM) },
      'usr/share/doc/cephflex/third-party-licenses.txt': { text: release.licenses[arch] },
    },
  }
}

/** Adds values to these ARG lines, so that an engine needs no --build-arg. */
function fillArgs(text: string, args: Readonly<Record<string, string>>): string {
  return text.replace(/^ARG (\w+)$/gm, (line, name: string) =>
    name in args ? `ARG ${name}=${args[name]}` : line,
  )
}
