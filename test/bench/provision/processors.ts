import { readdirSync, readFileSync } from 'node:fs'

/** Of Linux on every processor that Debian supports: 100 ticks a second. */
const TICK_MS = 10

/**
 * The processor time so far of each program of a lab, in milliseconds, by name: those whose command line names one of its
 * folders, the controller, its helpers, and this benchmark.
 */
export function processorTimes(
  kubeFolder: string,
  cephFolder: string,
  controller: number,
): Map<string, number> {
  const found = new Map<string, number>()
  const add = (name: string, ms: number) => found.set(name, (found.get(name) ?? 0) + ms)
  for (const pid of readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)) {
    const process = readProcess(pid)
    if (process === undefined) continue
    const { command, parent, ms } = process
    if (pid === controller) add('cephflex controller', ms)
    else if (parent === controller)
      add(`its session: ${command.match(/(?:cephfs|rados)_session/)?.[0] ?? 'other'}`, ms)
    else if ([kubeFolder, cephFolder].some(folder => command.includes(folder))) add(nameOf(command), ms)
  }
  const { user, system } = process.cpuUsage()
  add('this benchmark', (user + system) / 1000)
  return found
}

/** The requests in the metrics of an API server, without watches. */
export function requestsIn(metrics: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const [, labels = '', count] of metrics.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? ''
    if (label('verb') === 'WATCH') continue
    const what = [label('resource'), label('subresource')].filter(Boolean).join('/')
    const name = `${label('verb')} ${what || 'other'}`
    found.set(name, (found.get(name) ?? 0) + Number(count))
  }
  return found
}

/** What each program used since, most first. */
export function usedSince(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  share: number,
) {
  return [...after]
    .map(([name, ms]) => ({ name, ms: (ms - (before.get(name) ?? 0)) / share }))
    .filter(({ ms }) => ms >= 0.1)
    .sort((a, b) => b.ms - a.ms)
}

function readProcess(pid: number): { command: string; parent: number; ms: number } | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ')
    return { command, parent: Number(fields[1]), ms: (Number(fields[11]) + Number(fields[12])) * TICK_MS }
  } catch {
    // it has ended
    return undefined
  }
}

function nameOf(command: string): string {
  return command.split(' ')[0]?.split('/').at(-1) ?? ''
}
