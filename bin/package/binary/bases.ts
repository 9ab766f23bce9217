import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import { inFolder } from '../tools.js'

/** The processors with a binary, by their Node.js names. */
export type Arch = 'x64' | 'arm64'

/** The Debian and OCI names of the processors. */
export const DEBIAN_ARCH = { x64: 'amd64', arm64: 'arm64' } as const

/** A stock Node.js for one processor, to be copied into the binary. */
export type Base = {
  arch: Arch
  version: string
  node: string
}

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
export function getBase(arch: Arch, lockFile: string): Base {
  const name = `node-linux-${arch}`
  const { version, integrity } = locked(name, lockFile)
  const hash = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex')
  const folder = join(cacheFolder(), `${name}-${version}-${hash.slice(0, 16)}`)
  const node = join(folder, 'package/bin/node')
  if (!fs.existsSync(node)) unpack(`${name}@${version}`, hash, folder)
  return { arch, version, node }
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
  inFolder(join(cacheFolder(), '.new-'), work => {
    const args = ['pack', spec, '--prefer-offline', '--json', '--loglevel=error', '--pack-destination', work]
    execaSync('npm', args, { cwd: work, stderr: 'inherit' })
    const tarball = join(work, `${spec.replace('@', '-')}.tgz`)
    const found = createHash('sha512').update(fs.readFileSync(tarball)).digest('hex')
    if (found !== hash)
      throw new Error(`${spec} is not what the lock file names: sha512 ${found}, expected ${hash}`)
    execaSync('tar', ['-xzf', tarball, '-C', work, 'package/bin/node', 'package/LICENSE'])
    fs.removeSync(tarball)
    fs.moveSync(work, folder, { overwrite: true })
  })
}
