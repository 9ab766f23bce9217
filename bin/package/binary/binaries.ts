import { arch as machine } from 'node:os'
import { join } from 'node:path'
import fs from 'fs-extra'
import { ASSET_PREFIX, assetFiles } from '../../../src/system/assets.js'
import { binaryName } from '../release.js'
import { commit } from '../tools.js'
import { type Arch, type Base, ENGINES, type EngineName, getBase } from './bases.js'
import { type Content, makeNodeBinary } from './binary.js'
import { makeBunBinary } from './bun-binary.js'
import { bundle, oneModule } from './bundle.js'

/** Makes a binary for each engine and processor. @returns their names in `output`. */
export async function makeBinaries(
  root: string,
  archs: readonly Arch[],
  output: string,
  report: (line: string) => void,
): Promise<string[]> {
  const names = fs.readJsonSync(join(root, 'package.json')) as { name: string }
  const content = await contentOf(root)
  report(
    `bundle: ${content.bundle.main.length} bytes at every start, ${content.bundle.parts.size} parts when needed`,
  )
  const nodeContent = { ...content, bundle: await oneModule(content.bundle) }
  const make = {
    node: (base, builder, file) => makeNodeBinary(base, builder, nodeContent, file),
    bun: (base, builder, file) => makeBunBinary(base, builder, content, file),
  } as const satisfies Record<EngineName, (base: Base, builder: Base, file: string) => void>
  return ENGINES.flatMap(engine => {
    const bases = archs.map(arch => getBase(engine, arch, join(root, 'package-lock.json')))
    const builder = bases.find(base => base.arch === machine())
    if (!builder) throw new Error(`binaries are made on ${archs.join(' or ')}, not on ${machine()}`)
    return bases.map(base => {
      const file = binaryName(names, base.arch, engine)
      make[engine](base, builder, join(output, file))
      report(
        `${file}: ${engine} ${base.version}, ${(fs.statSync(join(output, file)).size / 1e6).toFixed(1)} MB`,
      )
      return file
    })
  })
}

async function contentOf(root: string): Promise<Content> {
  return {
    bundle: await bundle(root, { CEPHFLEX_COMMIT: JSON.stringify(commit()) }),
    assets: Object.fromEntries(
      Object.entries(assetFiles(root)).map(([name, path]) => [ASSET_PREFIX + name, path]),
    ),
  }
}
