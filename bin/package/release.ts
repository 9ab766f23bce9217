import { join } from 'node:path'
import type { Arch } from './binary/bases.js'
import { sums, type Tree } from './tree.js'

/** What is being packaged; every packager takes it from here. */
export type Release = {
  /** The checkout. */
  root: string
  /** Where the binaries are, and where the packages go. */
  output: string
  name: string
  version: string
  description: string
  maintainer: string
  /** The time that everything carries, in seconds. */
  epoch: number
  /** The licence texts of what a binary brings along. */
  licenses: Record<Arch, string>
}

/** The file of `output` that holds the program for a processor. */
export function binaryName(release: Release, arch: Arch): string {
  return `${release.name}-linux-${arch}`
}

/** What install.sh needs beside itself on a node of one processor, by name: the same in every kind of package. */
export function installation(release: Release, arch: Arch): Tree {
  const program = binaryName(release, arch)
  const files: Tree = {
    [program]: { from: join(release.output, program), mode: 0o755 },
    'install.sh': { from: join(release.root, 'install.sh'), mode: 0o755 },
  }
  return { ...files, SHA256SUMS: { text: sums(files) } }
}
