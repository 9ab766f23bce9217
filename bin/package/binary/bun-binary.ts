import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import { cleanEnv, copyOrLink, inFolder } from '../tools.js'
import type { Base } from './bases.js'
import type { Content } from './binary.js'
import { tamed } from './tamed-bun.js'

/** The files of the working directory that Bun would read at every start; it has a setting for each. */
const NO_FILES = ['dotenv', 'bunfig', 'tsconfig', 'package-json'].map(file => `--no-compile-autoload-${file}`)

/**
 * Makes `output` from a Bun. The `builder`, the base for the processor of this machine, compiles for both: its bytecode
 * fits every processor.
 */
export function makeBunBinary(base: Base, builder: Base, content: Content, output: string): void {
  inFolder(join(tmpdir(), 'cephflex-package-'), work => {
    const program = join(work, 'bun')
    fs.writeFileSync(program, tamed(fs.readFileSync(base.program), base.arch), { mode: 0o755 })
    const folder = join(work, 'program')
    fs.outputFileSync(join(folder, 'cephflex.js'), content.bundle.main)
    for (const [name, code] of content.bundle.parts) fs.writeFileSync(join(folder, name), code)
    for (const [name, path] of Object.entries(content.assets)) fs.copySync(path, join(folder, name))
    const how = ['--compile', '--bytecode', '--format=cjs', '--target', `bun-linux-${base.arch}`, ...NO_FILES]
    const what = [
      '--compile-executable-path',
      program,
      '--asset',
      'assets',
      'cephflex.js',
      '--outfile',
      'made',
    ]
    const stdio = ['ignore', 'ignore', 'inherit'] as const
    const env = cleanEnv({ HOME: work, TMPDIR: work })
    execaSync(builder.program, ['build', ...how, ...what], { cwd: folder, stdio, ...env })
    copyOrLink(join(folder, 'made'), output)
  })
}
