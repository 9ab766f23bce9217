import { arch as machine } from 'node:os'
import { join } from 'node:path'
import fs from 'fs-extra'
import { ASSET_PREFIX, assetFiles } from '../../../src/system/assets.js'
import { commit } from '../tools.js'
import { type Arch, getBase } from './bases.js'
import { makeBinary } from './binary.js'
import { bundle } from './bundle.js'

/** Makes a binary for each processor. @returns their names in `output`. */
export async function makeBinaries(
  root: string,
  archs: readonly Arch[],
  output: string,
  report: (line: string) => void,
): Promise<string[]> {
  const { name } = fs.readJsonSync(join(root, 'package.json'))
  const lockFile = join(root, 'package-lock.json')
  const bases = archs.map(arch => getBase(arch, lockFile))
  const builder = bases.find(base => base.arch === machine())
  if (!builder) throw new Error(`binaries are made on ${archs.join(' or ')}, not on ${machine()}`)
  report(`base: Node ${bases.map(base => `${base.version} ${base.arch}`).join(', ')}`)
  const define = { CEPHFLEX_COMMIT: JSON.stringify(commit()) }
  const content = {
    bundle: await bundle(root, define),
    assets: Object.fromEntries(
      Object.entries(assetFiles(root)).map(([name, path]) => [ASSET_PREFIX + name, path]),
    ),
  }
  report(
    `bundle: ${content.bundle.main.length} bytes at every start, ${content.bundle.parts.size} parts when needed`,
  )
  return bases.map(base => {
    const file = `${name}-linux-${base.arch}`
    makeBinary(base, builder, content, join(output, file))
    report(`${file}: ${(fs.statSync(join(output, file)).size / 1e6).toFixed(1)} MB`)
    return file
  })
}
