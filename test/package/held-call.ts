import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { PKG } from './release.js'

/** The binaries for this machine, by the name of their engine. */
export const BINARIES = {
  'Node.js': join(PKG, `cephflex-linux-${arch()}`),
  Bun: join(PKG, `cephflex-linux-${arch()}-bun`),
} as const

/** A key that no other text contains, as the kubelet passes it, and decoded. */
export const KEY = 'AQAA8VNlAAAAABAAMDEyMzQ1Njc4OWFiY2RlWA=='
export const SECRET = Buffer.from(KEY).toString('base64')

/** Whether a text contains the key in any form. */
export function holdsSecret(text: string): boolean {
  return [KEY, SECRET].some(key => text.includes(key.slice(0, 20)))
}

/** The environment and arguments of a mount call whose ceph-fuse never answers, in a folder. */
export function heldCall(folder: string): { env: NodeJS.ProcessEnv; args: string[]; waits: () => boolean } {
  const programs = join(folder, 'bin')
  const target = join(folder, 'target')
  const config = join(folder, 'config.json')
  const mark = join(folder, 'waits')
  for (const directory of [programs, target]) mkdirSync(directory, { recursive: true })
  writeFileSync(join(programs, 'ceph-fuse'), `#!/bin/sh\n: >${mark}\nexec sleep 60\n`)
  chmodSync(join(programs, 'ceph-fuse'), 0o755)
  const directories = { runDirectory: join(folder, 'run'), logDirectory: join(folder, 'log') }
  writeFileSync(config, JSON.stringify({ ...directories, searchPath: [programs] }))
  const options = { monitors: '127.0.0.1:6789', mounter: 'fuse', 'kubernetes.io/secret/key': SECRET }
  return {
    env: { PATH: process.env['PATH'], CEPHFLEX_CONFIG: config },
    args: ['mount', target, JSON.stringify(options)],
    waits: () => existsSync(mark),
  }
}

/** Starts it and waits until ceph-fuse runs. `ended` has what it printed. */
export async function startHeld(program: string, folder: string) {
  const { env, args, waits } = heldCall(folder)
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = outputOf(child)
  for (const end = Date.now() + 20_000; !waits(); await pause(10))
    if (child.exitCode !== null || Date.now() > end)
      throw new Error(`ceph-fuse was not started: ${(await ended).output}`)
  return { pid: child.pid ?? 0, child, ended }
}

/** All that a child prints, and how it ends. */
export async function outputOf(child: ChildProcess) {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (output += chunk))
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(resolve =>
    child.once('close', (...ending) => resolve(ending)),
  )
  return { output, code, signal }
}

/** What others see of a process. */
export function shown(pid: number): { arguments: string; name: string } {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1').replaceAll('\0', '').trim()
  return { arguments: read('cmdline'), name: read('comm') }
}
