import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Watch } from '../records/bench.js'
import type { Lab } from './lab.js'
import type { Programs } from './programs.js'

/** Long enough for every look that is made less often: at evictions, at orphans, and for the metrics. */
const WHOLE = { volumes: 10, pods: 10, measureMs: 120_000 }
/** Shows that the measurement works; its numbers are worth nothing. */
const BRIEF = { volumes: 2, pods: 2, measureMs: 4_000 }
/** It starts, and looks for the first time. */
const SETTLE_MS = 10_000
/** Of Linux on every processor that Debian supports: 100 ticks a second. */
const TICKS = 100
const HOUR_S = 3600

/** A shell that only reads the mount table as often, with a program for each look. */
const LOOP = 'while :; do cat /proc/self/mountinfo >/dev/null; sleep 3; done'

const WATCH = ['recover', '--watch', '--reap', '--metrics']

/** The processor time of `recover --watch` beside many mounts of some clients while all is well, with its children. */
export async function measureWatch(lab: Lab, { binary, bun }: Programs, isBrief: boolean): Promise<Watch> {
  const { volumes, pods, measureMs } = isBrief ? BRIEF : WHOLE
  const run = (...args: string[]) =>
    execFileSync(bun, args, { env: lab.env, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] })
  const mounted: string[] = []
  const mount = (options: string) => {
    const target = lab.target()
    run('mount', target, options)
    lab.assertMounted(target)
    mounted.push(target)
    return target
  }
  const root = mount(lab.options)
  for (let volume = 0; volume < volumes; volume += 1) {
    mkdirSync(`${root}/watched-${volume}`)
    const options = JSON.stringify({ ...JSON.parse(lab.options), path: `/watched-${volume}` })
    for (let pod = 0; pod < pods; pod += 1) mount(options)
  }
  run('unmount', root)
  const watching = (program: string) =>
    secondsPerHour([program, ...WATCH, lab.scratch('metrics')], lab, measureMs)
  // at the same time: each one has the same noise
  const [node, withBun, loop] = await Promise.all([
    watching(binary),
    watching(bun),
    secondsPerHour(['sh', '-c', LOOP], lab, measureMs),
  ])
  for (const target of mounted.slice(1)) run('unmount', target)
  const on = `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model}`
  return {
    on,
    mounts: volumes * pods,
    clients: volumes,
    measuredS: measureMs / 1000,
    node,
    bun: withBun,
    loop,
  }
}

async function secondsPerHour(
  [program = '', ...args]: readonly string[],
  { env }: Lab,
  measureMs: number,
): Promise<number> {
  const child = spawn(program, args, { env, cwd: '/', stdio: 'ignore' })
  try {
    await sleep(SETTLE_MS)
    const [begin, before] = [performance.now(), secondsOf(child.pid)]
    await sleep(measureMs)
    return ((secondsOf(child.pid) - before) / ((performance.now() - begin) / 1000)) * HOUR_S
  } finally {
    child.kill('SIGTERM')
  }
}

/** The processor time of a process and of its children that have ended. */
function secondsOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS
}
