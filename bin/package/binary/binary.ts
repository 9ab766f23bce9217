import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import { cleanEnv, copyOrLink, emulator, inFolder } from '../tools.js'
import type { Arch, Base } from './bases.js'
import type { Bundle } from './bundle.js'

/** What goes into a binary: the program, and files by the name under which the program asks for them. */
export type Content = {
  bundle: Bundle
  assets: Record<string, string>
}

const here = import.meta.dirname

/**
 * Makes `output` from a base. pkg itself runs under the `builder`, the base of this machine's processor: the blob has
 * the same layout for both, and only the code caches are made by the base's own Node.
 */
export function makeBinary(base: Base, builder: Base, content: Content, output: string): void {
  inFolder(join(tmpdir(), 'cephflex-package-'), work => {
    const assets = {
      ...content.assets,
      ...writeParts(content.bundle, base, builder.arch, join(work, 'parts')),
    }
    fs.writeFileSync(join(work, 'main.cjs'), content.bundle.main)
    fs.writeJsonSync(join(work, 'assets.json'), assets)
    offerToPkg(base, join(work, '.pkg-cache/sea'))
    const made = join(work, 'binary')
    const args = [join(here, 'run-pkg.js'), base.arch, made, join(work, 'assets.json')]
    const stdio = ['ignore', 'ignore', 'inherit'] as const
    // pkg's cache and temporary folder are in `work`
    execaSync(builder.node, args, { cwd: work, stdio, ...cleanEnv({ HOME: work, TMPDIR: work }) })
    fs.chmodSync(made, 0o755)
    copyOrLink(made, `${output}.new`)
    fs.renameSync(`${output}.new`, output)
  })
}

/** Writes the parts with their code caches and names them as assets. */
function writeParts(bundle: Bundle, base: Base, machine: Arch, folder: string): Record<string, string> {
  for (const [name, code] of bundle.parts) fs.outputFileSync(join(folder, name), code)
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
    const stdio = ['ignore', 'ignore', 'pipe'] as const
    execaSync(program ?? '', args, { stdio, ...cleanEnv() })
  }
  return Object.fromEntries(fs.readdirSync(folder).map(name => [`parts/${name}`, join(folder, name)]))
}

/**
 * Puts the base where pkg keeps what it has downloaded and checked. Its `nodePath` option would do for this machine's
 * processor, but it starts the file to ask for its version, which fails for the other one.
 */
function offerToPkg(base: Base, downloads: string): void {
  const name = join(downloads, `node-v${base.version}-linux-${base.arch}`)
  fs.ensureDirSync(join(name, 'bin'))
  copyOrLink(base.node, join(name, 'bin/node'))
  for (const file of [`${name}.tar.gz`, `${name}.tar.gz.ok`, join(name, 'bin/node.ok')])
    fs.writeFileSync(file, '')
}
