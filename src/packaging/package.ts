import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { join } from 'node:path'
import { ASSET_PREFIX, assetFiles } from '../system/assets.js'
import { type Arch, getBase } from './bases.js'
import { makeBinary } from './binary.js'
import { bundle } from './bundle.js'
import { billOfMaterials } from './sbom.js'
import { checksums, commit } from './tools.js'

const ARCHS: Arch[] = ['x64', 'arm64']
const SBOM = 'cephflex.cdx.json'

/** Makes everything in `dist/pkg` from `dist` (built before); `say` hears how far it is. */
export async function makePackages(root: string, say: (line: string) => void): Promise<void> {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    string
  >
  const output = join(root, 'dist/pkg')
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  const lockFile = join(root, 'package-lock.json')
  const bases = ARCHS.map(each => getBase(each, lockFile))
  const builder = bases.find(base => base.arch === arch())
  if (!builder) throw new Error(`binaries are made on ${ARCHS.join(' or ')}, not on ${arch()}`)
  say(`base: Node ${bases.map(base => `${base.version} ${base.arch}`).join(', ')}`)
  const define = { CEPHFLEX_VERSION: JSON.stringify(version), CEPHFLEX_COMMIT: JSON.stringify(commit()) }
  const content = {
    bundle: await bundle(root, define),
    assets: Object.fromEntries(
      Object.entries(assetFiles(root)).map(([name, path]) => [ASSET_PREFIX + name, path]),
    ),
  }
  say(
    `bundle: ${content.bundle.main.length} bytes at every start, ${content.bundle.parts.size} parts when needed`,
  )
  const names: string[] = []
  for (const base of bases) {
    const file = `${name}-linux-${base.arch}`
    makeBinary(base, builder, content, join(output, file))
    say(`${file}: ${(statSync(join(output, file)).size / 1e6).toFixed(1)} MB`)
    names.push(file)
  }
  writeFileSync(join(output, SBOM), billOfMaterials(root, name ?? 'cephflex'))
  writeFileSync(join(output, 'SHA256SUMS'), checksums(output, [...names, SBOM]))
  say(`SHA256SUMS and ${SBOM}`)
}
