import { join } from 'node:path'
import { execaSync } from 'execa'
import type { Arch } from './bases.js'

const SYSROOT = join(import.meta.dirname, '../../../../test/lab/debian/arm64-sysroot.sh')

/** The command that runs a program of another processor; undefined if there is none (x64 on an arm64 machine). */
export function emulator(arch: Arch): string[] | undefined {
  if (arch !== 'arm64') return undefined
  return [join(execaSync('sh', [SYSROOT], { stderr: 'inherit' }).stdout, 'arm64')]
}
