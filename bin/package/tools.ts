import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, linkSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Arch } from './binary/bases.js'

const root = join(import.meta.dirname, '../../..')

/** A hard link where possible: the files have 120 MB. */
export function copyOrLink(from: string, to: string): void {
  rmSync(to, { force: true })
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}

/** The words that run another processor's program here, or undefined if there are none (x64 on an arm64 machine). */
export function emulator(arch: Arch): string[] | undefined {
  if (arch !== 'arm64') return undefined
  const script = join(root, 'test/lab/debian/arm64-sysroot.sh')
  const folder = execFileSync('sh', [script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim()
  return [join(folder, 'arm64')]
}

/** Lines for `sha256sum -c`. */
export function checksums(folder: string, names: string[]): string {
  const lines = names.map(name => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`)
  return lines.join('')
}

/** In hexadecimal. */
export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

/** The commit being packaged, marked if the checkout differs from it; `unknown` outside a repository. */
export function commit(): string {
  try {
    const args = ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*']
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}

/** @throws Error with the command that installs them, if one of the programs is not in PATH. */
export function requireTools(programs: readonly string[], remedy: string): void {
  const folders = (process.env['PATH'] ?? '').split(':')
  const missing = programs.filter(program => !folders.some(folder => existsSync(join(folder, program))))
  if (missing.length > 0)
    throw new Error(
      `${missing.join(', ')} missing; as root, run: ${remedy} (the binaries alone need nothing: npm run package -- binaries)`,
    )
}

/** A plain tar of these names in a folder: sorted, root-owned, one time (seconds), nobody else may write. */
export function tar(folder: string, names: string[], file: string, epoch: number): void {
  const same = [
    '--sort=name',
    `--mtime=@${epoch}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--format=ustar',
  ]
  execFileSync('tar', [...same, '--mode=u=rwX,go=rX', '-cf', file, '-C', folder, ...names.sort()])
}
