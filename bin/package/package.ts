import { join } from 'node:path'
import fs from 'fs-extra'
import { type Arch, ENGINES, getBase } from './binary/bases.js'
import { makeBinaries } from './binary/binaries.js'
import { makeDeb } from './deb/deb.js'
import { makeImage } from './image/image.js'
import { makeContext } from './image/image-context.js'
import { thirdPartyLicenses } from './licenses.js'
import { type Release, SBOM } from './release.js'
import { makeRpm } from './rpm/rpm.js'
import { billOfMaterials } from './sbom.js'
import { sourceTime } from './time.js'
import { checksums, requireTools } from './tools.js'

const ARCHS: readonly Arch[] = ['x64', 'arm64']

/** What can be made from the binaries, and the programs that each packager needs. */
const PACKAGERS = {
  deb: { tools: ['dpkg-deb'], make: (release: Release) => ARCHS.map(arch => makeDeb(release, arch)) },
  rpm: { tools: ['rpmbuild'], make: (release: Release) => ARCHS.map(arch => makeRpm(release, arch)) },
  context: {
    tools: ['apt-get', 'dpkg'],
    make: (release: Release) => {
      makeContext(release, ARCHS)
      return []
    },
  },
  image: {
    tools: ['buildah', 'tar', 'apt-get', 'dpkg'],
    make: (release: Release) => [makeImage(release, ARCHS)],
  },
}

export type Packager = keyof typeof PACKAGERS

export const KNOWN = Object.keys(PACKAGERS) as Packager[]

/** The packager of the image also makes the folder for container engines. */
export const ALL = KNOWN.filter(name => name !== 'context')

/** Called with each line of progress. */
export type Report = (line: string) => void

/**
 * Makes the binaries, packages, bill of materials and checksums from `dist`, which must be built, in the empty folder
 * `output`. Checks first for the programs it needs, since the binaries take half a minute.
 */
export async function makePackages(
  root: string,
  output: string,
  packagers: readonly Packager[],
  report: Report,
): Promise<void> {
  for (const packager of packagers) requireTools(PACKAGERS[packager].tools, `sh bin/setup.sh package`)
  const names = await makeBinaries(root, ARCHS, output, report)
  packBinaries(root, output, packagers, report, names)
}

/**
 * Makes the rest of it from the binaries that are in `output`.
 *
 * @param names of the binaries, for the checksums.
 */
export function packBinaries(
  root: string,
  output: string,
  packagers: readonly Packager[],
  report: Report,
  names: readonly string[],
): void {
  const release = describe(root, output)
  fs.writeFileSync(join(output, SBOM), billOfMaterials(root, release.name))
  fs.copyFileSync(join(root, 'install.sh'), join(output, 'install.sh'))
  const made = [...names, 'install.sh', SBOM]
  for (const packager of packagers) {
    for (const name of PACKAGERS[packager].make(release)) {
      report(`${name}: ${megabytes(join(output, name))}`)
      made.push(name)
    }
  }
  fs.writeFileSync(join(output, 'SHA256SUMS'), checksums(output, made))
  report('SHA256SUMS, install.sh and the bill of materials')
}

function describe(root: string, output: string): Release {
  const { name, version, description, author } = fs.readJsonSync(join(root, 'package.json'))
  const bom = JSON.parse(billOfMaterials(root, name)) as { components: { name: string }[] }
  const licenses = (arch: Arch) =>
    thirdPartyLicenses(
      root,
      ENGINES.map(engine => getBase(engine, arch, join(root, 'package-lock.json'))),
      bom.components,
    )
  return {
    ...{ root, output, name, version, description, maintainer: author },
    epoch: sourceTime(root),
    licenses: { x64: licenses('x64'), arm64: licenses('arm64') },
  }
}

function megabytes(file: string): string {
  return `${(fs.statSync(file).size / 1e6).toFixed(1)} MB`
}
