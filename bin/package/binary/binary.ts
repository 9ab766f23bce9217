import { execFileSync, type StdioOptions } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { copyOrLink, emulator } from '../tools.js'
import type { Arch, Base } from './bases.js'
import type { Bundle } from './bundle.js'

/** What goes into a binary: the program, and files by the name under which the program asks for them. */
export interface Content {
  bundle: Bundle
  assets: Record<string, string>
}

const here = import.meta.dirname

/**
 * Makes `output` from a base. pkg itself runs under the `builder`, the base of this machine's processor: the blob has
 * the same layout for both, and only the code caches are made by the base's own Node.
 */
export function makeBinary(base: Base, builder: Base, content: Content, output: string): void {
  const work = mkdtempSync(join(tmpdir(), 'cephflex-package-'))
  try {
    const assets = {
      ...content.assets,
      ...writeParts(content.bundle, base, builder.arch, join(work, 'parts')),
    }
    writeFileSync(join(work, 'main.cjs'), content.bundle.main)
    writeFileSync(join(work, 'assets.json'), JSON.stringify(assets))
    offerToPkg(base, join(work, '.pkg-cache/sea'))
    const made = join(work, 'binary')
    // an environment of its own: no NODE_OPTIONS, and pkg's cache and temporary folder are in `work`
    const env = { PATH: process.env['PATH'] ?? '', HOME: work, TMPDIR: work }
    const args = [join(here, 'run-pkg.js'), base.arch, made, join(work, 'assets.json')]
    execFileSync(builder.node, args, { cwd: work, env, stdio: ['ignore', 'ignore', 'inherit'] })
    chmodSync(made, 0o755)
    copyOrLink(made, `${output}.new`)
    renameSync(`${output}.new`, output)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Writes the parts with their code caches and names them as assets. */
function writeParts(bundle: Bundle, base: Base, machine: Arch, folder: string): Record<string, string> {
  mkdirSync(folder)
  for (const [name, code] of bundle.parts) writeFileSync(join(folder, name), code)
  const run = base.arch === machine ? [] : emulator(base.arch)
  if (run) {
    const [program, ...args] = [
      ...run,
      base.node,
      '--predictable',
      join(here, 'code-cache.js'),
      resolve(folder),
    ]
    // some parts look at stdout and stderr when they are loaded; what Node then compiles is counted in the caches, so
    // these must be of one kind, whether a person or a log is watching
    const stdio = ['ignore', 'ignore', 'pipe'] satisfies StdioOptions
    execFileSync(program ?? '', args, { stdio, env: { PATH: process.env['PATH'] ?? '' } })
  }
  return Object.fromEntries(readdirSync(folder).map(name => [`parts/${name}`, join(folder, name)]))
}

/**
 * Puts the base where pkg keeps what it has downloaded and checked. Its `nodePath` option would do for this machine's
 * processor, but it starts the file to ask for its version, which fails for the other one.
 */
function offerToPkg(base: Base, downloads: string): void {
  const name = join(downloads, `node-v${base.version}-linux-${base.arch}`)
  mkdirSync(join(name, 'bin'), { recursive: true })
  copyOrLink(base.node, join(name, 'bin/node'))
  for (const file of [`${name}.tar.gz`, `${name}.tar.gz.ok`, join(name, 'bin/node.ok')])
    writeFileSync(file, '')
}
