import { fileURLToPath } from 'node:url'
import { engine } from './engine.js'
import { files } from './files.js'

/** Prefix of the shipped files among the assets of the packaged program, which has other assets, too. */
export const ASSET_PREFIX = 'assets/'

const FOLDER = 'src/assets'

/** The names of all shipped files, such as `kubernetes/secret.yaml`, sorted. */
export function assetNames(): string[] {
  return [...shipped().keys()].sort()
}

/**
 * The text of a shipped file, from the packaged program or from the checkout.
 * Not for driver calls, which need none.
 *
 * @throws Error if the name is unknown. That is a defect: names are constants in the code or come from `assetNames`.
 */
export function readAsset(name: string): string {
  const text = shipped().get(name)?.()
  if (text === undefined) throw new Error(`no shipped file ${name}`)
  return text
}

/** The texts of the shipped files in a folder, such as `python/`, by their names in it. Lists the files once. */
export function readAssets(folder: string): Record<string, string> {
  const inFolder = [...shipped()].filter(([name]) => name.startsWith(folder))
  return Object.fromEntries(inFolder.map(([name, read]) => [name.slice(folder.length), read() ?? '']))
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

/**
 * How to read each shipped file, by its name. They are assets of the packaged program. The checkout has them as files,
 * and so has a binary of plain pkg (`npx pkg .`): its assets are those of pkg, which shows them as files of the simplest
 * kind, that cannot be opened without waiting as `files.read` does.
 */
function shipped(): Map<string, () => string | undefined> {
  const keys = inPackage()
  if (keys.length > 0)
    return new Map(keys.map(key => [key.slice(ASSET_PREFIX.length), () => engine.asset(key)]))
  return new Map(
    Object.entries(assetFiles(checkout())).map(([name, path]) => [name, () => files.readStream(path)]),
  )
}

function inPackage(): string[] {
  return engine.assetKeys().filter(key => key.startsWith(ASSET_PREFIX))
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
