import { setTimeout as sleep } from 'node:timers/promises'

/** Waits, but not beyond an interrupt. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
