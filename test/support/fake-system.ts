import { basename, dirname } from 'node:path/posix'
import type { MonitorAnswer } from '../../src/core/ceph/monitor-answer.js'
import { DEFAULT_NODE_CONFIG, type NodeConfig } from '../../src/core/config/node-config.js'
import { CephflexError } from '../../src/core/errors.js'
import type { ProcessInfo } from '../../src/core/target/process.js'
import type { Files } from '../../src/system/files.js'
import type { LockHolder } from '../../src/system/lock/lock.js'
import type { RunOptions, RunResult } from '../../src/system/run.js'
import type { System } from '../../src/system/system.js'

/** What is at a path: a directory, a file with its text, or a link. */
export type FakeFile = 'directory' | { text: string } | { link: string }

export type FakeProcess = ProcessInfo & { argv: string[]; holds?: string }

/** How a program ends. Default: it succeeds without output. */
export type Script = (program: string, argv: readonly string[], options: RunOptions) => Ending
export type Ending = Partial<RunResult> & {
  /** The errno name, if it cannot be started. */
  startProblem?: string
}

export type Call = { program: string; argv: readonly string[]; options: RunOptions }

/** The state of the fake node. Default: root on a node where both clients are installed and nothing is mounted. */
export type Node = {
  run?: Script
  tree?: Record<string, FakeFile>
  config?: Partial<NodeConfig>
  executables?: readonly string[]
  inMemory?: readonly string[]
  /** Why a port does not accept connections. */
  probe?: (host: string, port: number, timeoutMs: number) => string | undefined
  /** What a port sends first. Default: the protocol of a monitor's port, v1 for all others. */
  banner?: (host: string, port: number) => MonitorAnswer['banner']
  abandonedBy?: LockHolder
  isRoot?: boolean
  caller?: System['caller']
}

export const BOOT = '5b1f0d2c-0000-4000-8000-000000000001'

const DIRECTORIES = ['/', '/run', '/pods', '/pods/a'].map((path): [string, FakeFile] => [path, 'directory'])
const TREE: Record<string, FakeFile> = { ...Object.fromEntries(DIRECTORIES), '/dev/fuse': { text: '' } }

const EXECUTABLES = ['/sbin/mount.fuse.ceph', '/usr/bin/ceph-fuse', '/usr/bin/mount', '/usr/sbin/mount.ceph']

/**
 * A node in memory. It does nothing by itself: `run` decides what programs do,
 * and may also change `table`, `tree` and `running`.
 */
export function fakeSystem(node: Node = {}) {
  const calls: Call[] = []
  const events: { event: string; fields: Record<string, unknown> }[] = []
  const locks: string[] = []
  const killed: string[] = []
  const table: string[] = []
  const running: FakeProcess[] = []
  const tree = new Map<string, FakeFile>(Object.entries({ ...TREE, ...node.tree }))
  const { executables = EXECUTABLES } = node
  const system: System = {
    config: { ...DEFAULT_NODE_CONFIG, ...node.config },
    caller: node.caller ?? 'person',
    run: async (program, argv, options) => {
      calls.push({ program, argv, options })
      const result = { pid: 5000 + calls.length, exitCode: 0, timedOut: false, interrupted: false }
      const { startProblem, ...ending } = node.run?.(program, argv, options) ?? {}
      if (startProblem !== undefined)
        throw new CephflexError('ENOTOOL', `${program} cannot be started (${startProblem})`)
      return { ...result, stdout: '', stderr: '', ms: 1, ...ending }
    },
    files: makeFiles(tree, node),
    log: (event, fields = {}) => {
      events.push({ event, fields })
    },
    processes: makeProcesses(running, killed),
    killGroup: group => {
      killed.push(`group ${group}`)
    },
    mountInfo: pid => {
      if (pid === undefined) return table.map(line => `${line}\n`).join('')
      const other = tree.get(`/proc/${pid}/mountinfo`)
      return typeof other === 'object' && 'text' in other ? other.text : ''
    },
    find: program => executables.find(path => basename(path) === program) as `/${string}` | undefined,
    lock: async (_path, call) => {
      locks.push(`take ${call}`)
      const release = () => {
        locks.push('release')
      }
      return node.abandonedBy ? { abandonedBy: node.abandonedBy, release } : { release }
    },
    ask: async (host, port, timeoutMs) => {
      const problem = node.probe?.(host, port, timeoutMs)
      const banner = node.banner?.(host, port) ?? (port === 3300 ? 'v2' : 'v1')
      return problem === undefined ? { banner, ms: 1 } : { problem, ms: 1 }
    },
    askClient: async () => undefined,
    sleep: async () => undefined,
    bootId: () => BOOT,
    isRoot: () => node.isRoot ?? true,
    forUndo: () => system,
  }
  /** The command lines of one program, or of all but `stat`, which only reads. */
  const commands = (program?: string) =>
    calls
      .filter(call => (program ? call.program === program : call.program !== 'stat'))
      .map(call => [call.program, ...call.argv].join(' '))
  return { system, calls, commands, events, locks, killed, table, running, tree }
}

/** A line of mountinfo; stacked mounts need different numbers. */
export function mountLine(target: string, fsType: string, id = 100): string {
  return `${id} 27 0:${id} / ${target} rw,relatime - ${fsType} source rw`
}

function makeFiles(
  tree: Map<string, FakeFile>,
  { executables = EXECUTABLES, inMemory = ['/run'] }: Node,
): Files {
  const real = (path: string): string | undefined => {
    if (path === '/') return path
    const parent = real(dirname(path))
    const full = `${parent === '/' ? '' : parent}/${basename(path)}`
    const thing = tree.get(full)
    if (parent === undefined || thing === undefined) return undefined
    return isLink(thing) ? real(thing.link) : full
  }
  const textAt = (path: string): string | undefined => {
    const thing = tree.get(real(path) ?? '')
    if (thing === 'directory') return fail('EISDIR')
    return thing && 'text' in thing ? thing.text : undefined
  }
  const linkAt = (path: string): string | undefined => {
    const thing = tree.get(path)
    return isLink(thing) ? thing.link : undefined
  }
  const list = (path: string) => [...tree.keys()].filter(name => name !== '/' && dirname(name) === path)
  const makeDirectory = (path: string): string[] => {
    if (tree.has(path)) return []
    tree.set(path, 'directory')
    return [path, ...makeDirectory(dirname(path))]
  }
  return {
    read: textAt,
    readBytes: path => {
      const text = textAt(path)
      return text === undefined ? undefined : Buffer.from(text)
    },
    tryRead: textAt,
    readStream: textAt,
    list: path => list(path).map(name => basename(name)),
    link: linkAt,
    realPath: real,
    kind: path => {
      const thing = tree.get(path) ?? 'missing'
      if (typeof thing === 'string') return thing
      return isLink(thing) ? 'link' : 'file'
    },
    unsafeComponent: (base, names) => {
      const paths = names.map((_, i) => `${base}/${names.slice(0, i + 1).join('/')}`)
      const link = paths.find(path => isLink(tree.get(path)))
      return link === undefined ? undefined : `${link} is a symbolic link or not a directory`
    },
    holdDirectory: path => ({ path, place: () => path, close: () => {} }),
    version: path => (executables.includes(path) ? `${path}:1` : undefined),
    isExecutable: path => executables.includes(path),
    openProblem: path => (tree.has(path) ? undefined : 'ENOENT'),
    isInMemory: path => inMemory.some(directory => path === directory || path.startsWith(`${directory}/`)),
    secureDirectory: path => {
      makeDirectory(path)
    },
    makeDirectory,
    create: (path, text) => {
      if (tree.has(path)) fail('EEXIST')
      tree.set(path, { text })
    },
    replace: (path, text) => {
      tree.set(path, { text })
    },
    tryReplace: (path, text) => {
      tree.set(path, { text })
      return undefined
    },
    append: (path, text) => {
      tree.set(path, { text: `${textAt(path) ?? ''}${text}` })
    },
    mode: path => (tree.has(path) ? 0o750 : undefined),
    setMode: () => true,
    changedAt: () => 0,
    size: path => Buffer.byteLength(textAt(path) ?? ''),
    rename: (from, to) => {
      tree.set(to, tree.get(from) ?? fail('ENOENT'))
      tree.delete(from)
    },
    remove: path => {
      tree.delete(path)
    },
    tryRemove: path => {
      tree.delete(path)
      return undefined
    },
    removeDirectory: path => {
      if (list(path).length > 0) return false
      tree.delete(path)
      return true
    },
    leaveNoCore: notFaked,
    openDirectory: notFaked,
    readFd: notFaked,
    close: notFaked,
    openScratch: notFaked,
    checkSpace: notFaked,
  }
}

function isLink(thing: FakeFile | undefined) {
  return typeof thing === 'object' && 'link' in thing
}

function notFaked(): never {
  return fail('NOTFAKED')
}

function fail(code: string): never {
  throw Object.assign(new Error(code), { code })
}

function makeProcesses(list: FakeProcess[], killed: string[]): System['processes'] {
  const find = (pid: number) => list.find(process => process.pid === pid)
  const isAlive: System['processes']['isAlive'] = ({ pid, startTime }) => find(pid)?.startTime === startTime
  return {
    processInfo: find,
    isAlive,
    allPids: () => list.map(({ pid }) => pid),
    argvOf: pid => find(pid)?.argv ?? [],
    sendSignal: (identity, signal) => {
      if (!isAlive(identity)) return false
      killed.push(`${identity.pid} ${signal}`)
      list.splice(
        list.findIndex(({ pid }) => pid === identity.pid),
        1,
      )
      return true
    },
    memoryOf: () => undefined,
    holdersOf: mountPoint => list.filter(({ holds }) => holds === mountPoint),
  }
}
