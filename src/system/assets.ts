import * as sea from 'node:sea'
import { fileURLToPath } from 'node:url'
import { files } from './files.js'

/** Node.js 24 has it. The type definitions, those of the oldest supported Node.js, do not. */
const { getAssetKeys } = sea as { getAssetKeys?: () => string[] }

/** Prefix of the shipped files among the assets of the packaged program, which has other assets, too. */
export const ASSET_PREFIX = 'assets/'

const FOLDER = 'src/assets'

/** The names of all shipped files, such as `kubernetes/secret.yaml`, sorted. */
export function assetNames(): string[] {
  const packaged = inPackage().map(key => key.slice(ASSET_PREFIX.length))
  return (packaged.length > 0 ? packaged : Object.keys(assetFiles(checkout()))).sort()
}

/**
 * The text of a shipped file, from the packaged program or from the checkout.
 * Not for driver calls, which need none.
 *
 * @throws Error if the name is unknown. That is a defect: names are constants in the code or come from `assetNames`.
 */
export function readAsset(name: string): string {
  const key = ASSET_PREFIX + name
  const text = inPackage().includes(key)
    ? sea.getAsset(key, 'utf8')
    : files.read(assetFiles(checkout())[name] ?? '')
  if (text === undefined) throw new Error(`no shipped file ${name}`)
  return text
}

/**
 * The shipped files of a checkout by their names, sorted: everything below
 * `src/assets`, and `install.sh`, which is at the top of the repository.
 */
export function assetFiles(root: string): Record<string, string> {
  const names = namesBelow(`${root}/${FOLDER}`).sort()
  return Object.fromEntries([
    ...names.map(name => [name, `${root}/${FOLDER}/${name}`]),
    ['install.sh', `${root}/install.sh`],
  ])
}

function inPackage(): string[] {
  return sea.isSea() ? (getAssetKeys?.() ?? []).filter(key => key.startsWith(ASSET_PREFIX)) : []
}

// from dist/src/system
function checkout(): string {
  return fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
}

function namesBelow(folder: string): string[] {
  return files.list(folder).flatMap(name => {
    const path = `${folder}/${name}`
    return files.kind(path) === 'directory' ? namesBelow(path).map(below => `${name}/${below}`) : [name]
  })
}
