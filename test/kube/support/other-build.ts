import { arch } from 'node:os'
import { resolve } from 'node:path'
import { getBase } from '../../../bin/package/binary/bases.js'
import { makeNodeBinary } from '../../../bin/package/binary/binary.js'
import { bundle, oneModule } from '../../../bin/package/binary/bundle.js'

/** Builds a binary for this machine with another version, for upgrades. About 5 s. */
export async function otherBuild(version: string, output: string): Promise<void> {
  const root = resolve('.')
  const machine = arch()
  if (machine !== 'x64' && machine !== 'arm64') throw new Error(`there is no binary for ${machine}`)
  const base = getBase('node', machine, `${root}/package-lock.json`)
  const define = { CEPHFLEX_VERSION: JSON.stringify(version), CEPHFLEX_COMMIT: '"other"' }
  makeNodeBinary(base, base, { bundle: await oneModule(await bundle(root, define)), assets: {} }, output)
}
