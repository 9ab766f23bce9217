import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs'
import { memoryOf } from '../../src/system/processes.js'
import type { Sharing } from '../records/bench.js'
import type { Lab } from './lab.js'

const WHOLE = { pods: 20, fileMiB: 150 }
/** Shows that the measurement works; its numbers are worth nothing. */
const BRIEF = { pods: 3, fileMiB: 5 }
const MIB = 1024 ** 2

/** Commands that mount on a directory and unmount it. */
type Client = { mount: (target: string) => readonly string[]; unmount: (target: string) => readonly string[] }

/** What 20 pods cost that read the same file one after the other: with one client, and with a ceph-fuse for each. */
export function measureSharing(lab: Lab, binary: string, isBrief: boolean): Sharing {
  const { pods, fileMiB } = isBrief ? BRIEF : WHOLE
  const run = ([program = '', ...args]: readonly string[]) =>
    execFileSync(program, args, { env: lab.env, cwd: '/', stdio: 'ignore' })
  const driver: Client = {
    mount: target => [binary, 'mount', target, lab.options],
    unmount: target => [binary, 'unmount', target],
  }
  const raw: Client = {
    mount: target => ['ceph-fuse', '--id', 'admin', '-k', lab.keyring, '-m', lab.monitors, '-r', '/', target],
    unmount: target => ['umount', target],
  }
  const first = lab.target()
  run(driver.mount(first))
  writeFileSync(`${first}/file`, Buffer.alloc(fileMiB * MIB, 1))
  run(driver.unmount(first))

  const measure = (client: Client) => {
    const targets = Array.from({ length: pods }, () => lab.target())
    for (const target of targets) run(client.mount(target))
    const reads = targets.map(target => msToRead(`${target}/file`))
    const memory = lab.clients().reduce((sum, pid) => sum + (memoryOf(pid) ?? 0), 0)
    for (const target of targets) run(client.unmount(target))
    const [head = 0, ...others] = reads
    const mean = others.reduce((sum, ms) => sum + ms, 0) / others.length
    return { memory: memory / MIB, reads: { first: head, others: mean } }
  }
  const shared = measure(driver)
  const each = measure(raw)
  return {
    fileMiB,
    memoryMiB: { shared: shared.memory, raw: each.memory },
    sharedReads: shared.reads,
    rawReads: each.reads,
  }
}

function msToRead(file: string): number {
  const buffer = Buffer.alloc(MIB)
  const begin = performance.now()
  const fd = openSync(file, 'r')
  while (readSync(fd, buffer) > 0);
  closeSync(fd)
  return performance.now() - begin
}
