import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { probe } from './network.js'

/** Short, since a daemon takes only tens of milliseconds to listen. */
const POLL_MS = 4

/** Whether all these TCP ports are free at this moment. */
export async function areFree(host: string, ports: readonly number[]): Promise<boolean> {
  return (await Promise.all(ports.map(port => isFree(host, port)))).every(Boolean)
}

/**
 * Waits until something listens on a TCP port.
 *
 * @throws the reason of `signal`, which is its only deadline.
 */
export async function waitForPort(host: string, port: number, signal: AbortSignal): Promise<void> {
  while ((await probe(host, port, 1_000)) !== undefined) await sleep(POLL_MS, undefined, { signal })
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port }, () => server.close(() => resolve(true)))
  })
}
