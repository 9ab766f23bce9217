import { missingPackages } from '../core/dev-cluster/packages.js'
import { DriverError, type ErrorCode } from '../core/errors.js'
import { ERRNO, RADOS_SESSION_SOURCE, type RadosAnswer } from '../core/rados-session.js'
import { spawnTalking } from './tools.js'

/** How long the helper may take to say goodbye to the cluster before it is killed. */
const CLOSE_GRACE_MS = 500

/** A distribution's own Python: the module `rados` is built for it. */
const PYTHON = '/usr/bin/python3'

type RadosTarget = 'mon' | 'mgr'
type RadosOptions = { input?: string; timeoutMs?: number }

export type RadosSession = {
  /**
   * Connects now instead of at the first command.
   *
   * @throws DriverError EREFUSED, EBADKEY, EBADCONFIG, ENOANSWER; EPACKAGE, ETIMEOUT.
   */
  connect: () => Promise<void>
  /**
   * Sends a command; the cluster's refusal is a value (`code` is an errno).
   *
   * @throws DriverError what `connect` throws; ENOANSWER if the session is or gets closed.
   */
  ask: (target: RadosTarget, command: object, options?: RadosOptions) => Promise<RadosAnswer>
  /**
   * Sends a command and returns its output, parsed if it is JSON.
   *
   * @throws DriverError ECLUSTER if the cluster refuses, with its words and an errno; and what `ask` throws.
   */
  command: (target: RadosTarget, command: object, options?: RadosOptions) => Promise<unknown>
  /** Ends the helper, at once or after 0.5 s. What still waits is rejected. May be called twice. */
  close: () => Promise<void>
}

const CODE_OF_ERRNO: Readonly<Record<number, ErrorCode>> = {
  // also a keyring that does not exist
  [ERRNO.notPermitted]: 'EREFUSED',
  [ERRNO.accessDenied]: 'EREFUSED',
  // what librados makes of a keyring it cannot decode
  [ERRNO.ioError]: 'EBADKEY',
  [ERRNO.invalid]: 'EBADKEY',
  // no configuration file
  [ERRNO.noEntry]: 'EBADCONFIG',
}

const connectError = (user: string, { code, error }: RadosAnswer) => {
  const options = code === ERRNO.noEntry ? { hint: 'check that the ceph.conf of this session exists' } : {}
  const message = `${user} could not connect: ${error || `errno ${code}`}`
  return new DriverError(CODE_OF_ERRNO[code] ?? 'ENOANSWER', message, options)
}

const endError = (stderr: string): DriverError => {
  if (/No module named '?rados/.test(stderr)) return missingPackages(['ceph-common'])
  const last = stderr.trim().split('\n').at(-1)
  return new DriverError('ENOANSWER', `the session with the cluster ended${last ? `: ${last}` : ''}`)
}

type Waiting = { resolve: (answer: RadosAnswer) => void; reject: (error: Error) => void }

/**
 * Opens a session for monitor and manager commands: one connection, one helper
 * process, milliseconds a command. Nothing is sent before the first command,
 * so opening it early hides the 50 ms that Python takes to start.
 *
 * Commands are answered in the order they were given. Each has a deadline;
 * when one passes, the helper's process group is killed and the session is over.
 *
 * @param options `conf` is a ceph.conf that names monitors and keyring, `user`
 *   the whole entity (`client.admin`), `timeoutMs` the deadline of connecting
 *   and of each command without its own.
 */
export const openRadosSession = ({
  conf,
  user,
  timeoutMs,
}: {
  conf: string
  user: string
  timeoutMs: number
}): RadosSession => {
  const waiting: Waiting[] = []
  let over: Error | undefined
  const fail = (error: Error) => {
    over ??= error
    for (const { reject } of waiting.splice(0)) reject(over)
  }
  const seconds = String(timeoutMs / 1000)
  const argv = ['-I', '-c', RADOS_SESSION_SOURCE, conf, user, seconds]
  const child = spawnTalking(PYTHON, argv, line => waiting.shift()?.resolve(JSON.parse(line) as RadosAnswer))
  const ended = child.exited.then(stderr => fail(endError(stderr)))

  const exchange = (request: object, limitMs: number): Promise<RadosAnswer> => {
    if (over) return Promise.reject(over)
    return new Promise<RadosAnswer>((resolve, reject) => {
      const expire = () => {
        child.kill()
        fail(new DriverError('ETIMEOUT', `the cluster gave no answer for ${limitMs / 1000} s`))
      }
      const timer = setTimeout(expire, limitMs)
      const settle =
        <T>(pass: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          pass(value)
        }
      waiting.push({ resolve: settle(resolve), reject: settle(reject) })
      child.write(JSON.stringify(request))
    })
  }

  const ask: RadosSession['ask'] = async (
    target,
    command,
    { input = '', timeoutMs: limitMs = timeoutMs } = {},
  ) => {
    const answer = await exchange({ target, command: { format: 'json', ...command }, input }, limitMs)
    if (answer.unconnected) throw connectError(user, answer)
    return answer
  }

  return {
    ask,
    connect: async () => {
      const answer = await exchange({ target: 'connect' }, timeoutMs)
      if (answer.unconnected) throw connectError(user, answer)
    },
    command: async (target, command, options) => {
      const { code, output, error } = await ask(target, command, options)
      if (code === 0) return output ?? error
      const { prefix = 'command' } = command as { prefix?: string }
      throw new DriverError(
        'ECLUSTER',
        `"${prefix}" was refused: ${error || 'no reason given'} (errno ${code})`,
        {
          hint: `check the caps of ${user}, and "ceph -s"`,
        },
      )
    },
    close: async () => {
      fail(new DriverError('ENOANSWER', 'the session with the cluster is closed'))
      child.end()
      const timer = setTimeout(child.kill, CLOSE_GRACE_MS)
      await ended
      clearTimeout(timer)
    },
  }
}
