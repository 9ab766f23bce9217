import { setTimeout as sleep } from 'node:timers/promises'
import { type ProcessIdentity, type ProcessInfo, parseProcessStat } from '../core/target/process.js'
import { files } from './files.js'
import { allPids, argvOf, isAlive, processInfo } from './processes.js'

/** Selects a process by its arguments and its environment (`NAME=value`), which is only read on demand. */
export type Matcher = (argv: readonly string[], environ: () => string[]) => boolean

/** The running processes that match, with their arguments. Zombies are left out. */
export function findProcesses(matches: Matcher): (ProcessInfo & { argv: string[] })[] {
  return allPids().flatMap(pid => {
    const argv = argvOf(pid)
    if (argv.length === 0 || !matches(argv, () => environOf(pid))) return []
    const info = processInfo(pid)
    return info && info.state !== 'Z' ? [{ ...info, argv }] : []
  })
}

/** Waits for processes to end. @returns those that still run after `timeoutMs`. */
export async function waitUntilGone<T extends ProcessIdentity>(
  processes: readonly T[],
  timeoutMs: number,
): Promise<T[]> {
  const end = performance.now() + timeoutMs
  let left = processes.filter(isAlive)
  while (left.length > 0 && performance.now() < end) {
    await sleep(5)
    left = left.filter(isAlive)
  }
  return left
}

/** Waits until every thread of a process has stopped: one that runs goes on for a moment. @returns whether they did. */
export async function waitUntilStopped({ pid }: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs
  const isStopped = (thread: string) =>
    ['T', 't', 'Z', undefined].includes(
      parseProcessStat(files.read(`/proc/${pid}/task/${thread}/stat`) ?? '')?.state,
    )
  while (!files.list(`/proc/${pid}/task`).every(isStopped)) {
    if (performance.now() >= end) return false
    await sleep(5)
  }
  return true
}

function environOf(pid: number): string[] {
  try {
    return (files.read(`/proc/${pid}/environ`) ?? '').split('\0')
  } catch {
    return [] // it belongs to another user
  }
}
