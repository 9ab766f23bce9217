import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'

const root = join(import.meta.dirname, '../../..')

/** Runs `work` with a new folder, whose path starts with `prefix`, and removes the folder afterwards. */
export function inFolder<T>(prefix: string, work: (folder: string) => T): T {
  const folder = fs.mkdtempSync(prefix)
  try {
    return work(folder)
  } finally {
    fs.removeSync(folder)
  }
}

/** A clean environment, so that no setting of this machine changes the output of a program. */
export function cleanEnv(values: Readonly<Record<string, string>> = {}) {
  return { env: { PATH: process.env['PATH'] ?? '', ...values }, extendEnv: false } as const
}

/** Makes a hard link where possible, since the files have 120 MB. */
export function copyOrLink(from: string, to: string): void {
  fs.removeSync(to)
  try {
    fs.linkSync(from, to)
  } catch {
    fs.copyFileSync(from, to)
  }
}

/** Lines for `sha256sum -c`. */
export function checksums(folder: string, names: string[]): string {
  const lines = names.map(name => `${sha256(fs.readFileSync(join(folder, name)))}  ${name}\n`)
  return lines.join('')
}

/** The SHA-256 hash in hexadecimal. */
export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

/** The commit being packaged, marked if the checkout differs from it; `unknown` outside a repository. */
export function commit(): string {
  const args = ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*']
  const { failed, stdout } = execaSync('git', args, { cwd: root, reject: false })
  return failed ? 'unknown' : stdout
}

/** @throws Error with the command that installs them, if one of the programs is not in PATH. */
export function requireTools(programs: readonly string[], remedy: string): void {
  const folders = (process.env['PATH'] ?? '').split(':')
  const missing = programs.filter(program => !folders.some(folder => fs.existsSync(join(folder, program))))
  if (missing.length > 0)
    throw new Error(
      `${missing.join(', ')} missing; as root, run: ${remedy} (the binaries alone need nothing: npm run package -- binaries)`,
    )
}

/** A reproducible tar of these names in a folder: sorted, owned by root, with one time (seconds), mode go-w. */
export function tar(folder: string, names: string[], file: string, epoch: number): void {
  const same = [
    '--sort=name',
    `--mtime=@${epoch}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--format=ustar',
  ]
  execaSync('tar', [...same, '--mode=u=rwX,go=rX', '-cf', file, '-C', folder, ...names.sort()])
}
