import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessIdentity, ProcessInfo } from '../core/target/process.js'
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

function environOf(pid: number): string[] {
  try {
    return (files.read(`/proc/${pid}/environ`) ?? '').split('\0')
  } catch {
    return [] // it belongs to another user
  }
}
