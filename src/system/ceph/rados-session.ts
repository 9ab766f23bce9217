import { ERRNO } from '../../core/ceph/errno.js'
import type { RadosAnswer, RadosOperation, RadosOperations } from '../../core/ceph/rados-operations.js'
import type { ErrorCode } from '../../core/error-codes.js'
import { CephflexError } from '../../core/errors.js'
import { commandDenied } from '../../core/provision/missing-caps.js'
import { shellWord } from '../../core/text/shell.js'
import { openLineSession } from './line-session.js'

/** How long the helper may take to disconnect from the cluster before it is killed. */
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
   * Sends a command. A refusal by the cluster is a return value (`code` is an errno).
   *
   * @throws CephflexError the codes of `connect`; ENOCAPS; ENOANSWER also if the session ended.
   */
  ask: (target: RadosTarget, command: object, options?: RadosOptions) => Promise<RadosAnswer>
  /**
   * Sends a command and returns its output, parsed if it is JSON.
   *
   * @throws CephflexError ECLUSTER if the cluster refuses, with its message and an errno; the codes of `ask`.
   */
  command: (target: RadosTarget, command: object, options?: RadosOptions) => Promise<unknown>
  /** Ends the helper within 0.5 s. Pending requests are rejected. May be called twice. */
  close: () => Promise<void>
  /** Kills the helper at once. */
  kill: () => void
}

/**
 * Opens a session for monitor and manager commands: one connection, one helper
 * process, milliseconds per command. Nothing is sent before the first command,
 * so opening it early hides the 50 ms that Python takes to start.
 *
 * Commands run one after the other, unless `atOnce` allows several at the same
 * time: then a slow one does not delay the others. (The monitor still commits
 * users one by one.) When the deadline of one passes, the helper's process group
 * is killed and the session has ended.
 *
 * @param options `conf` is a ceph.conf with monitors and keyring; `settings` are
 *   Ceph options for the same purpose, which may include the key, since they are
 *   passed through stdin; `user` is the whole entity (`client.admin`);
 *   `timeoutMs` is the deadline of connecting, and of each command without its
 *   own.
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
  const session = openLineSession('rados_session', args, {
    name: 'the session with the cluster',
    library: { module: 'rados', package: 'ceph-common' },
    graceMs: CLOSE_GRACE_MS,
  })
  const exchange = <Op extends RadosOperation>(op: Op, fields: RadosOperations[Op], limitMs = timeoutMs) =>
    session.exchange(op, fields, limitMs) as Promise<RadosAnswer>
  // the next request reports wrong settings: it is rejected for the same reason
  if (settings) exchange('configure', { settings }).catch(() => undefined)

  const ask: RadosSession['ask'] = async (
    target,
    command,
    { input = '', timeoutMs: limitMs = timeoutMs } = {},
  ) => {
    const answer = await exchange(target, { command: { format: 'json', ...command }, input }, limitMs)
    if (answer.unconnected) throw connectError(user, answer)
    if (answer.code === ERRNO.accessDenied)
      throw commandDenied(user, target, command, answer.error || 'access denied')
    return answer
  }

  return {
    ask,
    connect: async () => {
      const answer = await exchange('connect', {})
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

const CODE_OF_ERRNO: Readonly<Record<number, ErrorCode>> = {
  // also a keyring that does not exist
  [ERRNO.notPermitted]: 'EREFUSED',
  [ERRNO.accessDenied]: 'EREFUSED',
  // librados reports these for a keyring that it cannot decode
  [ERRNO.ioError]: 'EBADKEY',
  [ERRNO.invalid]: 'EBADKEY',
  // no configuration file
  [ERRNO.noEntry]: 'EBADCONFIG',
}

function connectError(user: string, { code, error }: RadosAnswer) {
  const known = CODE_OF_ERRNO[code] ?? 'ENOANSWER'
  const message = `${user} could not connect: ${error || `errno ${code}`}`
  if (code === ERRNO.noEntry)
    return new CephflexError(known, message, { hint: 'check that the ceph.conf of this session exists' })
  if (known !== 'EREFUSED') return new CephflexError(known, message)
  return new CephflexError(known, message, {
    hint: `compare the key with "ceph auth get ${shellWord(user)}"; a user without mon caps ("allow r") is refused in the same way`,
  })
}
