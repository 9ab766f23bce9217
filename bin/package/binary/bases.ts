import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The processors there is a binary for, as Node names them. */
export type Arch = 'x64' | 'arm64'

/** A stock Node for one processor: the binary becomes a copy of it. */
export interface Base {
  arch: Arch
  version: string
  node: string
}

interface Locked {
  version: string
  integrity: string
}

/** Downloads that survive a checkout. */
export function cacheFolder(): string {
  return (
    process.env['CEPHFLEX_CACHE'] ||
    join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'cephflex')
  )
}

/**
 * The base for a processor, at the version and hash of the lock file. npm installs only the package of the machine's
 * own processor, so both are taken as tarballs (npm's cache answers when there is no network) and checked here.
 */
export function getBase(arch: Arch, lockFile: string): Base {
  const name = `node-linux-${arch}`
  const { version, integrity } = locked(name, lockFile)
  const hash = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex')
  const folder = join(cacheFolder(), `${name}-${version}-${hash.slice(0, 16)}`)
  const node = join(folder, 'package/bin/node')
  if (!existsSync(node)) unpack(`${name}@${version}`, hash, folder)
  return { arch, version, node }
}

function locked(name: string, lockFile: string): Locked {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Record<string, Locked> }
  const entry = packages[`node_modules/${name}`]
  if (!entry?.integrity?.startsWith('sha512-'))
    throw new Error(`${lockFile} has no sha512 of ${name}; run npm install`)
  return entry
}

function unpack(spec: string, hash: string, folder: string): void {
  mkdirSync(cacheFolder(), { recursive: true })
  const work = mkdtempSync(join(cacheFolder(), '.new-'))
  try {
    const args = ['pack', spec, '--prefer-offline', '--json', '--loglevel=error', '--pack-destination', work]
    execFileSync('npm', args, { cwd: work, stdio: ['ignore', 'pipe', 'inherit'] })
    const tarball = join(work, `${spec.replace('@', '-')}.tgz`)
    const found = createHash('sha512').update(readFileSync(tarball)).digest('hex')
    if (found !== hash)
      throw new Error(`${spec} is not what the lock file names: sha512 ${found}, expected ${hash}`)
    execFileSync('tar', ['-xzf', tarball, '-C', work, 'package/bin/node', 'package/LICENSE'])
    rmSync(tarball)
    rmSync(folder, { recursive: true, force: true })
    renameSync(work, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
