import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { execa } from 'execa'
import type { Test } from 'tap'
import { asItIs } from '../support/coverage.js'
import { atEnd } from './at-end.js'
import { DRIVER, type TestNode } from './node.js'

type Propagation = 'private' | 'slave' | 'unchanged'

/** Makes the directory of a node a mount whose mounts are shared, as systemd makes all of them. */
export async function shareNode(t: Test, node: TestNode): Promise<void> {
  await execa('mount', ['--bind', node.dir, node.dir])
  atEnd(t, () => execa('umount', ['-c', '-l', node.dir], { reject: false }))
  await execa('mount', ['--make-private', node.dir])
  await execa('mount', ['--make-shared', node.dir])
}

/** A mount namespace of its own, as a unit with PrivateTmp or a container has one. It ends with the test. */
export async function startNamespace(
  t: Test,
  node: TestNode,
  { propagation, flags = [], prepare = ':', comm = 'sleep' }: Setup,
) {
  const bin = `${node.dir}/bin`
  mkdirSync(bin, { recursive: true })
  const program = `${bin}/${comm}`
  try {
    symlinkSync('/bin/sleep', program)
  } catch {
    // an earlier namespace has it
  }
  // the name of a process is that of its file
  const script = `${prepare}; echo ready; exec ${program} 600`
  const running = execa('unshare', ['-m', ...flags, '--propagation', propagation, 'sh', '-ec', script], {
    reject: false,
    stdin: 'ignore',
    buffer: false,
  })
  const end = async () => {
    running.kill('SIGKILL')
    await running
  }
  t.teardown(end)
  const ready = new Promise(resolve => running.stdout.once('data', () => resolve(true)))
  const ended = running.then(({ exitCode }) => {
    throw new Error(`the namespace ended with ${exitCode}`)
  })
  await Promise.race([ready, ended])
  ended.catch(() => undefined)
  const pid = flags.includes('--fork') ? childOf(running.pid ?? 0) : (running.pid ?? 0)
  const inside = (program: string, args: readonly string[]) =>
    execa(
      ...asItIs('nsenter', [
        '-t',
        String(pid),
        '-m',
        ...(flags.includes('--pid') ? ['-p'] : []),
        '--',
        program,
        ...args,
      ]),
      { env: node.environment, all: true, stdin: 'ignore', reject: false, timeout: 60_000 },
    )
  const reply = async (...args: string[]) => {
    const { all = '' } = await inside(DRIVER, args)
    return JSON.parse(all) as { status: string; message?: string }
  }
  return {
    pid,
    end,
    inside,
    mount: (target: string, options: Record<string, string>) =>
      reply('mount', target, JSON.stringify(options)),
    unmount: (target: string) => reply('unmount', target),
  }
}

type Setup = {
  propagation: Propagation
  /** More flags of unshare(1). */
  flags?: readonly string[]
  /** Commands in the namespace, before anything else runs there. */
  prepare?: string
  /** The name of the process that keeps the namespace. */
  comm?: string
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
}
