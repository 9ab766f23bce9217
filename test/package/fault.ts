import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { arch } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { signal } from '../lab/signal.js'

/** Machine code that ends a process with a signal. arm64 has one such instruction that needs no register. */
export const FAULTS: Readonly<Record<string, string>> =
  arch() === 'arm64'
    ? { SIGILL: '00 00 00 00' }
    : {
        SIGILL: '0f 0b', // ud2
        SIGSEGV: '31 c0 89 00', // xor %eax, %eax; mov %eax, (%rax)
        SIGFPE: '31 c9 f7 f1', // xor %ecx, %ecx; div %ecx
        SIGTRAP: 'cc', // int3
      }

/**
 * Makes a waiting process fault by itself: writes `code` where it goes on after the system call in which it waits, and
 * wakes it. A signal from outside is something else: an engine can tell.
 */
export async function makeFault(pid: number, code: string): Promise<void> {
  const place = await placeOfWaiting(pid)
  const memory = openSync(`/proc/${pid}/mem`, 'r+')
  const bytes = Buffer.from(code.replaceAll(' ', ''), 'hex')
  writeSync(memory, bytes, 0, bytes.length, place)
  closeSync(memory)
  signal(pid, 'SIGHUP')
}

/** Where a process goes on after the call in which it waits: the last number of `syscall` in proc(5). */
async function placeOfWaiting(pid: number): Promise<number> {
  for (;;) {
    const words = readFileSync(`/proc/${pid}/syscall`, 'utf8').trim().split(' ')
    // it has one word, "running", while it does not wait
    if (words.length > 3) return Number(words.at(-1))
    await pause(5)
  }
}
