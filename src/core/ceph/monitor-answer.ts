import { bracketed } from '../text/host.js'
import type { Monitor } from './monitors.js'
import { MONITOR_PORT } from './ports.js'

/** What answered at one port of a monitor's address. */
export type MonitorAnswer = {
  /** `refused`, `no answer` or the errno name; undefined if the connection was accepted. */
  problem?: string | undefined
  /** The protocol of its banner; `other` if it sent something else or hung up, `silent` if it sent nothing in time. */
  banner?: 'v1' | 'v2' | 'other' | 'silent' | undefined
  ms: number
}

/** The protocol that a client uses at a port of a monitor: that of its prefix or of its port; undefined if neither has one. */
export function protocolAt({ protocol }: Pick<Monitor, 'protocol'>, port: number): 'v1' | 'v2' | undefined {
  if (protocol !== undefined) return protocol
  if (port === MONITOR_PORT.v2) return 'v2'
  return port === MONITOR_PORT.v1 ? 'v1' : undefined
}

/** Why a client cannot use what answered, to follow the address in a sentence; undefined if it can. */
export function unusable(
  expected: 'v1' | 'v2' | undefined,
  { problem, banner }: MonitorAnswer,
): string | undefined {
  if (problem !== undefined) return problem
  if (banner === 'other') return 'is not a monitor'
  if (banner === 'silent') return 'accepts connections, but sends nothing'
  return expected === undefined || expected === banner ? undefined : `uses ${banner}, not ${expected}`
}

/** Whether an answer only means that there was none in time. */
export function isSilence({ problem, banner }: MonitorAnswer): boolean {
  return problem === 'no answer' || banner === 'silent'
}

/** How to write this address with the protocol that it uses. */
export function correctedAddress(host: string, port: number, { banner }: MonitorAnswer): string {
  return `${banner}:${bracketed(host)}:${port}`
}
