import { join } from 'node:path'
import { type Arch, ENGINES, type EngineName } from './binary/bases.js'
import { sums, type Tree } from './tree.js'

/** The software bill of materials, in `output`. */
export const SBOM = 'cephflex.cdx.json'

/** What is being packaged: the input of every packager. */
export type Release = {
  /** The checkout. */
  root: string
  /** The folder of the binaries and packages. */
  output: string
  name: string
  version: string
  description: string
  maintainer: string
  /** The time of everything in the packages, in seconds. */
  epoch: number
  /** The licence texts of the third-party parts of the binaries. */
  licenses: Record<Arch, string>
}

/** The file in `output` with the program for a processor. */
export function binaryName({ name }: { name: string }, arch: Arch, engine: EngineName = 'node'): string {
  return `${name}-linux-${arch}${engine === 'node' ? '' : `-${engine}`}`
}

/** install.sh and the files it needs next to it, for one processor: the same in every kind of package. */
export function installation(release: Release, arch: Arch): Tree {
  const programs = ENGINES.map(engine => binaryName(release, arch, engine))
  const files: Tree = {
    ...Object.fromEntries(
      programs.map(program => [program, { from: join(release.output, program), mode: 0o755 }]),
    ),
    'install.sh': { from: join(release.root, 'install.sh'), mode: 0o755 },
  }
  return { ...files, SHA256SUMS: { text: sums(files) } }
}
