import { delimiter } from 'node:path'
import type { MonitorAnswer } from '../core/ceph/monitor-answer.js'
import type { NodeConfig } from '../core/config/node-config.js'
import type { ProgramName } from '../core/programs.js'
import { type Files, files } from './files.js'
import { type Lock, takeLock } from './lock/lock.js'
import { type Log, makeLog } from './log.js'
import * as processes from './processes.js'
import { findProgram, killGroup, makeRun, type Run, STANDARD_PATH } from './run.js'

type Rest<T extends readonly unknown[]> = T extends readonly [unknown, ...infer R] ? R : never

/** Everything a driver call can see or change outside itself. Tests pass a fake one. */
export type System = {
  config: NodeConfig
  /** The kubelet may only use the volume directories of its pods as targets; a person, as root, may use any. */
  caller: 'kubelet' | 'person'
  /** Starts only programs that are in a table, so that `doctor` can list them. */
  run: (program: ProgramName, ...rest: Rest<Parameters<Run>>) => ReturnType<Run>
  files: Files
  log: Log
  processes: typeof processes
  killGroup: (group: number) => void
  /** The mount table of this process, or of another one: the text of its mountinfo, whole. Empty if it cannot be read. */
  mountInfo: (pid?: number) => string
  /** The path of a program, found in the same directories as with {@link Run}. */
  find: (program: string) => `/${string}` | undefined
  lock: (path: string, call: string, timeoutMs: number, isOptional?: boolean) => Promise<Lock>
  /** Connects to a port, and reads the banner that a monitor sends first. */
  ask: (host: string, port: number, timeoutMs: number) => Promise<MonitorAnswer>
  /** Sends a command to the admin socket of a client. @returns undefined without an answer. */
  askClient: (socket: string, command: string, timeoutMs: number) => Promise<unknown>
  sleep: (ms: number) => Promise<unknown>
  /** Changes with every boot. */
  bootId: () => string
  isRoot: () => boolean
  /** The same node for a clean-up: a signal to this process stops none of its work, nor the wait for a lock. */
  forUndo: () => System
}

/** The real node. `signal` stops programs and interrupts waiting for a lock. Disables memory in core dumps. */
export function realSystem(
  config: NodeConfig,
  context: Record<string, unknown>,
  signal?: AbortSignal,
): System {
  files.leaveNoCore()
  const path = [...config.searchPath, STANDARD_PATH].join(delimiter)
  const scratch = () => {
    files.secureDirectory(config.runDirectory)
    return config.runDirectory
  }
  const run = makeRun({ path, cephConf: config.cephConf }, scratch, signal)
  return {
    config,
    caller: 'person',
    run,
    files,
    log: makeLog(config.logDirectory, context),
    processes,
    killGroup,
    mountInfo: readMountInfo,
    find: program => findProgram(path, program),
    lock: (lockPath, call, timeoutMs, isOptional) => {
      const startTime = processes.processInfo(process.pid)?.startTime ?? ''
      const self = { pid: process.pid, startTime, call, since: new Date().toISOString() }
      return takeLock(lockPath, self, timeoutMs, signal, isOptional)
    },
    ask: async (host, port, timeoutMs) =>
      (await import('./ceph/banner.js')).readBanner(host, port, timeoutMs),
    askClient: async (socket, command, timeoutMs) =>
      (await import('./ceph/admin-socket.js')).askAdminSocket(socket, command, timeoutMs),
    // node:timers/promises would have to be loaded
    sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
    bootId: () => files.read('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
    isRoot: () => process.getuid?.() === 0,
    forUndo: () => realSystem(config, context),
  }
}

function readMountInfo(pid?: number): string {
  const read = () =>
    (pid === undefined ? files.read('/proc/self/mountinfo') : readable(`/proc/${pid}/mountinfo`)) ?? ''
  let text = read()
  for (let tries = 0; isTearable() && tries < 3; tries += 1) {
    const again = read()
    if (again === text) break
    text = again
  }
  return text
}

function readable(path: string): string | undefined {
  try {
    return files.read(path)
  } catch {
    return undefined // no permission, or the process has just ended
  }
}

let tearable: boolean | undefined

/** Before Linux 5.8, a reader of mountinfo can miss lines during a mount. */
function isTearable(): boolean {
  tearable ??= isBefore58()
  return tearable
}

function isBefore58(): boolean {
  const release = files.read('/proc/sys/kernel/osrelease') ?? ''
  const [major = 0, minor = 0] = release.split('.').map(Number.parseFloat)
  return major < 5 || (major === 5 && minor < 8)
}
