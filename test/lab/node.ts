import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ExecaError, execa } from 'execa'
import type { Test } from 'tap'
import { mountedOn, parseMountInfo } from '../../src/core/target/mount-table.js'
import type { MountState } from '../../src/core/target/state.js'
import { sharedKeyringDirectory } from '../../src/ops/target/keyring.js'
import { asItIs } from '../support/coverage.js'
import { atEnd } from './at-end.js'

/** The driver to test: CEPHFLEX_DRIVER, or the one of this checkout. */
export const DRIVER = process.env['CEPHFLEX_DRIVER'] ?? resolve('dist/test/lab/checkout/cephflex.js')

/** `pod`: no pods share a client on the test nodes, except in tests of that. */
const CLIENT_SHARING = process.env['CEPHFLEX_CLIENT_SHARING']

/** The limit for any call; the deadlines of the tests are shorter. */
const CALL_MS = 60_000

/** A program that was killed, or that leaves by itself, takes a moment to go. */
const LEAVING_MS = 20_000
/** A look reads all of /proc. */
const LOOK_MS = 50

type Reply = { status: string; message?: string; capabilities?: Record<string, boolean> }
export type Call = { reply: Reply; output: string; ms: number }

/** Leftovers on a node that should be clean: mounts, key files, mount programs. */
export type Leftovers = { mounts: string[]; files: string[]; processes: string[] }

/**
 * Files that a call keeps for the next one: whether scopes work, the release of ceph-fuse, the secret for the names of
 * shared clients, and why the last start of one failed.
 */
const REMEMBERED = /\/run\/(scope|ceph-fuse-release|sharing-key|shared\/[0-9a-f]+\.failed)$/

export const NOTHING: Leftovers = { mounts: [], files: [], processes: [] }

export type TestNode = ReturnType<typeof makeNode>

/**
 * A node of its own: the driver with its own run and log directory, and
 * targets as the kubelet names them. It ends with the test, which unmounts
 * everything below it.
 */
export function makeNode(t: Test, config: Record<string, unknown> = {}) {
  if (process.getuid?.() !== 0) throw new Error('these tests need root')
  const dir = mkdtempSync('/tmp/cephflex-node-')
  const runDirectory = `${dir}/run`
  const keyrings = sharedKeyringDirectory(runDirectory)
  const configFile = `${dir}/config.json`
  const defaults = { timeoutSeconds: 20, ...(CLIENT_SHARING && { clientSharing: CLIENT_SHARING }) }
  writeFileSync(
    configFile,
    JSON.stringify({ runDirectory, logDirectory: `${dir}/log`, ...defaults, ...config }),
  )
  const mountInfo = () => readFileSync('/proc/self/mountinfo', 'utf8')
  const mountsBelow = () =>
    parseMountInfo(mountInfo()).filter(entry => entry.mountPoint.startsWith(`${dir}/`))

  const environment = { CEPHFLEX_CONFIG: configFile }
  /** Starts the driver as the kubelet does: no stdin, stdout and stderr in one pipe. */
  const start = (args: readonly string[], program = DRIVER) =>
    execa(...asItIs(program, args), {
      env: environment,
      all: true,
      stdin: 'ignore',
      timeout: CALL_MS,
      reject: false,
    })

  const finish = async (child: ReturnType<typeof start>): Promise<Call> => {
    const begin = performance.now()
    const { all, exitCode, timedOut } = (await child) as ExecaError & { all?: string }
    if (timedOut) throw new Error('the driver gave no answer')
    if (exitCode !== 0) throw new Error(`the driver ended with ${exitCode}: ${all}`)
    return { reply: JSON.parse(all ?? '') as Reply, output: all ?? '', ms: performance.now() - begin }
  }
  const call = (...args: string[]): Promise<Call> => finish(start(args))

  atEnd(t, async () => {
    for (const { mountPoint } of mountsBelow().reverse())
      await execa('umount', ['-c', '-l', mountPoint], { reject: false })
    for (const line of processesWith(`${dir}/`))
      await execa('pkill', ['-KILL', '-f', '-x', '--', line], { reject: false })
    rmSync(dir, { recursive: true, force: true })
    rmSync(keyrings, { recursive: true, force: true })
  })

  const leftovers = (): Leftovers => {
    const mounts = mountsBelow().map(entry => entry.mountPoint)
    const files = [keyrings, runDirectory].flatMap(directory => filesBelow(directory, mounts))
    // facts about the node itself are kept for the next call
    return {
      mounts,
      files: files.filter(file => !REMEMBERED.test(file)),
      processes: processesWith(`${dir}/`),
    }
  }

  /** Every state on this node. */
  const states = (): MountState[] =>
    readdirSync(`${runDirectory}/state`)
      .filter(name => name.endsWith('.json'))
      .map(name => JSON.parse(readFileSync(`${runDirectory}/state/${name}`, 'utf8')) as MountState)

  return {
    dir,
    configFile,
    environment,
    keyrings,
    runDirectory,
    logFile: `${dir}/log/cephflex.log`,
    start,
    finish,
    call,
    /** Creates the empty directory that the kubelet uses for a volume of this name. */
    target: (name = 'data', uid = '0b8a2c4e-pod'): string => {
      const target = `${dir}/pods/${uid}/volumes/cephflex~cephfs/${name}`
      mkdirSync(target, { recursive: true })
      return target
    },
    mount: (target: string, options: Record<string, string>) =>
      call('mount', target, JSON.stringify(options)),
    unmount: (target: string) => call('unmount', target),
    mountsOn: (target: string) => mountedOn(mountInfo(), target),
    /** The record of the client that runs; undefined if there is none. */
    clientState: (): MountState | undefined => states().find(state => state.process !== undefined),
    states,
    log: () => readFileSync(`${dir}/log/cephflex.log`, 'utf8'),
    leftovers,
    /** The leftovers once no program is left, except those of targets that stay mounted, or after the limit. */
    settled: async (limitMs = LEAVING_MS, staying: readonly string[] = []): Promise<Leftovers> => {
      const end = Date.now() + limitMs
      const isLeaving = (line: string) => !staying.some(target => line.includes(target))
      while (leftovers().processes.some(isLeaving) && Date.now() < end) await sleep(LOOK_MS)
      return leftovers()
    },
  }
}

function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap(pid => {
      try {
        const [state, parent = ''] =
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
        const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        const isOurs = /ceph-fuse|mount|flock|stat$/.test(argv[0] ?? '')
        const isFound = state !== 'Z' && isOurs && argv.some(arg => arg.includes(text))
        return isFound && !isOfOtherNode(parent, text) ? [argv.join(' ')] : []
      } catch {
        return []
      }
    })
}

/** Whether a call of another test runs this program: one that has failed looks at every new mount of the machine. */
function isOfOtherNode(parent: string, text: string): boolean {
  try {
    const environment = readFileSync(`/proc/${parent}/environ`, 'utf8')
    return environment.includes('CEPHFLEX_CONFIG=') && !environment.includes(`CEPHFLEX_CONFIG=${text}`)
  } catch {
    return false // it has just ended
  }
}

/** Not what is in a mounted file system, which may hang. */
function filesBelow(directory: string, mounts: readonly string[]): string[] {
  if (mounts.includes(directory)) return []
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
      const path = `${directory}/${entry.name}`
      if (!entry.isDirectory()) return [path]
      return [...(directory.endsWith('/locks') ? [path] : []), ...filesBelow(path, mounts)]
    })
  } catch {
    return []
  }
}
