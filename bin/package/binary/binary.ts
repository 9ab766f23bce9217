import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import { cleanEnv, copyOrLink, inFolder } from '../tools.js'
import type { Arch, Base } from './bases.js'
import type { Bundle } from './bundle.js'
import { emulator } from './emulator.js'

/** The content of a binary: the program, and the paths of its assets by name. */
export type Content = {
  bundle: Bundle
  assets: Record<string, string>
}

const here = import.meta.dirname

/**
 * Makes `output` from a Node.js. The parts of the bundle are wrapped (`oneModule`). pkg itself runs under the `builder`, the base for the processor of this machine: the blob
 * has the same layout for both. Only the code caches need the Node.js of the base.
 */
export function makeNodeBinary(base: Base, builder: Base, content: Content, output: string): void {
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
    execaSync(builder.program, args, { cwd: work, stdio, ...cleanEnv({ HOME: work, TMPDIR: work }) })
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
      base.program,
      '--predictable',
      join(here, 'code-cache.js'),
      resolve(folder),
    ]
    // some parts use stdout and stderr when they are loaded, and what Node.js then compiles is part of the caches; so
    // both are always of the same kind, in a terminal or not
    const stdio = ['ignore', 'ignore', 'pipe'] as const
    execaSync(program ?? '', args, { stdio, ...cleanEnv() })
  }
  return Object.fromEntries(fs.readdirSync(folder).map(name => [`parts/${name}`, join(folder, name)]))
}

/**
 * Variables that Node.js reads before any program of it runs. Whatever the kubelet inherited in them, a call must answer:
 * NODE_CHANNEL_FD ends Node.js or closes a descriptor, NODE_REPL_EXTERNAL_MODULE ends it, NODE_DEBUG prints into the
 * answer, SIMDUTF_FORCE_IMPLEMENTATION ends it, the others write files.
 */
const IGNORED = [
  'NODE_CHANNEL_FD',
  'NODE_UNIQUE_ID',
  'NODE_REPL_EXTERNAL_MODULE',
  'NODE_DEBUG',
  'NODE_V8_COVERAGE',
  'NODE_REDIRECT_WARNINGS',
  'NODE_COMPILE_CACHE',
  'SIMDUTF_FORCE_IMPLEMENTATION',
]

/** A Node.js without these variables: it has no setting for that, so their names are replaced by others. */
function withoutVariables(node: Buffer): Buffer {
  for (const name of IGNORED) {
    const other = `DROP${name.slice(4)}`
    for (let at = node.indexOf(name); at >= 0; at = node.indexOf(name, at))
      at += node.write(other, at, 'latin1')
  }
  return node
}

/**
 * Puts the base into pkg's cache of checked downloads. pkg's `nodePath` option works only for the processor of this
 * machine, since it runs the file to get its version.
 */
function offerToPkg(base: Base, downloads: string): void {
  const name = join(downloads, `node-v${base.version}-linux-${base.arch}`)
  fs.ensureDirSync(join(name, 'bin'))
  fs.writeFileSync(join(name, 'bin/node'), withoutVariables(fs.readFileSync(base.program)), { mode: 0o755 })
  for (const file of [`${name}.tar.gz`, `${name}.tar.gz.ok`, join(name, 'bin/node.ok')])
    fs.writeFileSync(file, '')
}
