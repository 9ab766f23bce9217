import { missingPackages } from '../../core/dev-cluster/packages.js'
import { CephflexError } from '../../core/errors.js'
import { readAssets } from '../assets.js'
import { spawnLineProcess } from '../programs.js'

/** The Python of the distribution: Ceph's modules are built for it. */
const PYTHON = '/usr/bin/python3'

export type LineSession = {
  /**
   * Sends one request with a unique `id`, and waits for the answer with the same `id`.
   *
   * @throws CephflexError ETIMEOUT after `limitMs`, which also ends the session; ENOANSWER if the session ended.
   */
  exchange: (op: string, fields: object, limitMs: number) => Promise<unknown>
  /** Ends the helper, at once or after the grace period. Pending requests are rejected. May be called twice. */
  close: () => Promise<void>
  /** Kills the helper at once. */
  kill: () => void
}

type Library = { module: string; package: string }

type PendingRequest = { resolve: (answer: unknown) => void; reject: (error: Error) => void }

/**
 * Starts a helper: a Python program of `src/assets/python` that answers each
 * line of JSON with one line of JSON. Its source is passed through stdin, since
 * the packaged driver has no files on disk.
 *
 * @param program the module with its `main`, which takes `args`.
 * @param options `name`: of the session, for messages. `library`: the module of
 *   Ceph that the helper imports, and the package that contains it. `graceMs`:
 *   how long the helper may take to disconnect from the cluster before its
 *   process group is killed.
 */
export function openLineSession(
  program: string,
  args: readonly string[],
  { name, library, graceMs }: { name: string; library: Library; graceMs: number },
): LineSession {
  const pending = new Map<number, PendingRequest>()
  let lastId = 0
  let endReason: Error | undefined
  const fail = (error: Error) => {
    endReason ??= error
    const requests = [...pending.values()]
    pending.clear()
    for (const { reject } of requests) reject(endReason)
  }
  const modules = readModules()
  const argv = ['-I', '-c', modules['run_modules'] ?? '', program, ...args]
  const child = spawnLineProcess(PYTHON, argv, line => {
    const { id, ...answer } = JSON.parse(line) as { id: number }
    pending.get(id)?.resolve(answer)
    pending.delete(id)
  })
  child.write(JSON.stringify(modules))
  const ended = child.exited.then(stderr => fail(endError(name, library, stderr)))

  const exchange: LineSession['exchange'] = (op, fields, limitMs) => {
    if (endReason) return Promise.reject(endReason)
    return new Promise((resolve, reject) => {
      const expire = () => {
        child.kill()
        fail(new CephflexError('ETIMEOUT', `the cluster did not answer within ${limitMs / 1000} s`))
      }
      const timer = setTimeout(expire, limitMs)
      const settle =
        <T>(pass: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          pass(value)
        }
      lastId += 1
      pending.set(lastId, { resolve: settle(resolve), reject: settle(reject) })
      child.write(JSON.stringify({ id: lastId, op, fields }))
    })
  }
  return {
    exchange,
    close: async () => {
      fail(new CephflexError('ENOANSWER', 'the session with the cluster is closed'))
      child.end()
      const timer = setTimeout(child.kill, graceMs)
      await ended
      clearTimeout(timer)
    },
    kill: child.kill,
  }
}

/** The source of all Python modules by their names. */
function readModules(): Record<string, string> {
  const sources = Object.entries(readAssets('python/')).filter(([name]) => name.endsWith('.py'))
  return Object.fromEntries(sources.map(([name, source]) => [name.slice(0, -'.py'.length), source]))
}

/** The error for requests whose helper ended, from what it wrote to stderr. */
function endError(name: string, library: Library, stderr: string): CephflexError {
  if (new RegExp(`No module named '?${library.module}'?$`, 'm').test(stderr))
    return missingPackages([library.package])
  const last = stderr.trim().split('\n').at(-1)
  return new CephflexError('ENOANSWER', `${name} ended${last ? `: ${last}` : ''}`)
}
