import { missingPackages } from '../../core/dev-cluster/packages.js'
import { CephflexError, type ErrorCode } from '../../core/errors.js'
import { ERRNO, RADOS_SESSION_SOURCE, type RadosAnswer } from '../../core/rados-session.js'
import { openLineSession } from './line-session.js'

/** How long the helper may take to say goodbye to the cluster before it is killed. */
const CLOSE_GRACE_MS = 500

type RadosTarget = 'mon' | 'mgr'
type RadosOptions = { input?: string; timeoutMs?: number }

export type RadosSession = {
  /**
   * Connects now instead of at the first command.
   *
   * @throws CephflexError EREFUSED, EBADKEY, EBADCONFIG, ENOANSWER; EPACKAGE, ETIMEOUT.
   */
  connect: () => Promise<void>
  /**
   * Sends a command; the cluster's refusal is a value (`code` is an errno).
   *
   * @throws CephflexError what `connect` throws; ENOANSWER if the session is or gets closed.
   */
  ask: (target: RadosTarget, command: object, options?: RadosOptions) => Promise<RadosAnswer>
  /**
   * Sends a command and returns its output, parsed if it is JSON.
   *
   * @throws CephflexError ECLUSTER if the cluster refuses, with its words and an errno; and what `ask` throws.
   */
  command: (target: RadosTarget, command: object, options?: RadosOptions) => Promise<unknown>
  /** Ends the helper, at once or after 0.5 s. What still waits is rejected. May be called twice. */
  close: () => Promise<void>
  /** Ends the helper at once, as if it had been killed. */
  kill: () => void
}

/**
 * Opens a session for monitor and manager commands: one connection, one helper
 * process, milliseconds a command. Nothing is sent before the first command,
 * so opening it early hides the 50 ms that Python takes to start.
 *
 * Commands are answered in the order they were given, unless `atOnce` lets
 * several be on their way: a slow one then holds up no other. (The monitor still
 * commits users one by one.) Each has a deadline; when one passes, the helper's
 * process group is killed and the session is over.
 *
 * @param options `conf` is a ceph.conf that names monitors and keyring, or
 *   `settings` say the same through the helper's stdin, the key included; `user`
 *   is the whole entity (`client.admin`), `timeoutMs` the deadline of connecting
 *   and of each command without its own.
 */
export function openRadosSession({
  conf,
  user,
  timeoutMs,
  settings,
  atOnce = 1,
}: {
  conf?: string
  user: string
  timeoutMs: number
  atOnce?: number
  settings?: Readonly<Record<string, string>>
}): RadosSession {
  const args = [conf ?? '', user, String(timeoutMs / 1000), String(atOnce)]
  const session = openLineSession(RADOS_SESSION_SOURCE, args, { graceMs: CLOSE_GRACE_MS, onEnd: endError })
  const exchange = (request: object, limitMs: number) =>
    session.exchange(request, limitMs) as Promise<RadosAnswer>
  // what the settings make impossible is said by the connection that follows; a rejection is its, too
  if (settings) exchange({ target: 'configure', settings }, timeoutMs).catch(() => undefined)

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
      throw new CephflexError(
        'ECLUSTER',
        `"${prefix}" was refused: ${error || 'no reason given'} (errno ${code})`,
        {
          hint: `check the caps of ${user}, and "ceph -s"`,
        },
      )
    },
    close: session.close,
    kill: session.kill,
  }
}

function endError(stderr: string): CephflexError {
  if (/No module named '?rados/.test(stderr)) return missingPackages(['ceph-common'])
  const last = stderr.trim().split('\n').at(-1)
  return new CephflexError('ENOANSWER', `the session with the cluster ended${last ? `: ${last}` : ''}`)
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

function connectError(user: string, { code, error }: RadosAnswer) {
  const options = code === ERRNO.noEntry ? { hint: 'check that the ceph.conf of this session exists' } : {}
  const message = `${user} could not connect: ${error || `errno ${code}`}`
  return new CephflexError(CODE_OF_ERRNO[code] ?? 'ENOANSWER', message, options)
}
