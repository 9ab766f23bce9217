import { CephflexError } from '../errors.js'

/** What refuses a command or a change for want of caps. */
type Refusal = { user: string; what: string; service: 'mon' | 'mgr' | 'mds'; needs: string; error: string }

/**
 * The error for a command that the provisioning key may not run.
 *
 * @param user the whole entity, such as `client.admin`.
 */
export function commandDenied(
  user: string,
  service: 'mon' | 'mgr',
  { prefix = 'command' }: { prefix?: string },
  error: string,
): CephflexError {
  return denied({ user, what: `run "${prefix}"`, service, needs: capsForCommand(service, prefix), error })
}

/**
 * The error for a change to the file system that the provisioning key may not make.
 *
 * @param attribute the extended attribute that the change sets.
 */
export function changeDenied(
  user: string,
  { path, attribute }: { path: string; attribute?: string | undefined },
  error: string,
): CephflexError {
  const isVirtual = attribute?.startsWith('ceph.') ?? false
  const needs = isVirtual ? 'allow rwp" (its "p" is for quotas and layouts)' : 'allow rw"'
  return denied({
    user,
    what: `${attribute === undefined ? 'change' : `set ${attribute} of`} ${path}`,
    service: 'mds',
    needs: `"${needs} for this directory`,
    error,
  })
}

function capsForCommand(service: 'mon' | 'mgr', prefix: string): string {
  if (service === 'mgr') return '"allow rw"'
  return prefix.startsWith('auth ') ? `"allow command \\"${prefix}\\"", or "allow *"` : '"allow r"'
}

function denied({ user, what, service, needs, error }: Refusal): CephflexError {
  return new CephflexError(
    'ENOCAPS',
    `${user} may not ${what}: its ${service} caps lack ${needs} (${error})`,
    {
      hint: `inspect them with "ceph auth get ${user}"; "cephflex help threat-model" has a user with all caps that are needed`,
    },
  )
}
