import { type Command, Option } from 'commander'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { type Parameters, parseParameters } from '../../core/provision/parameters.js'
import { readNodeConfig } from '../../ops/config/read-node-config.js'
import { adminAccess } from '../../ops/provision/access.js'
import { type AdminAccess, openProvisioner, type Provisioner } from '../../ops/provision/provisioner.js'
import { realSystem, type System } from '../../system/system.js'

/** The flags for the cluster and the key that creates volumes. */
export type AccessFlags = {
  cluster?: string
  monitors?: string
  adminId?: string
  keyring?: string
  fsName?: string
  claimRoot?: string
  backend?: string
  pool?: string
  mode?: string
  userPer?: string
}

const NAMES = [
  'cluster',
  'monitors',
  'adminId',
  'fsName',
  'claimRoot',
  'backend',
  'pool',
  'mode',
  'userPer',
] as const

export type AdminSession = {
  system: System
  provisioner: Provisioner
  access: AdminAccess
  parameters: Parameters
}

/** Adds the flags for the cluster and the key, which is always in a file. */
export function withAccessOptions(command: Command): Command {
  return command
    .option('--cluster <name>', 'a cluster from /etc/cephflex/config.json')
    .addOption(
      new Option('--monitors <list>', 'monitor addresses, instead of --cluster').env('CEPHFLEX_MONITORS'),
    )
    .option('--admin-id <user>', 'Ceph user that creates volumes (default: "admin")')
    .addOption(
      new Option('--keyring <file>', 'keyring of that user, or a file with the bare key').env(
        'CEPHFLEX_ADMIN_KEYRING',
      ),
    )
    .option('--fs-name <name>', 'file system, if the cluster has several')
    .option('--claim-root <path>', 'directory that contains all volumes (default: "/volumes/kubernetes")')
    .addOption(
      new Option('--backend <backend>', 'how to create volumes').choices(['auto', 'subvolume', 'directory']),
    )
}

/**
 * Runs `work` with sessions to a cluster, and closes them afterwards.
 *
 * @throws CephflexError EBADVOLUME, EBADKEY, EBADCONFIG, and the errors of opening the sessions and of `work`.
 */
export async function withAccess(
  flags: AccessFlags,
  work: (opened: AdminSession) => Promise<void>,
): Promise<void> {
  const parameters = parametersOf(flags)
  const system = realSystem(await readNodeConfig(), { call: 'volume', pid: process.pid })
  const access = accessOf(system, parameters, flags)
  const provisioner = await openProvisioner(system, access)
  try {
    await work({ system, provisioner, access, parameters })
  } finally {
    await provisioner.close()
  }
}

/** The same, with a hint that names the flags: no other caller has them. */
function accessOf(system: System, parameters: Parameters, { keyring }: AccessFlags): AdminAccess {
  const { monitors } = parameters
  if (monitors !== undefined && keyring !== undefined) return adminAccess(system, parameters, keyring)
  try {
    return adminAccess(system, parameters)
  } catch (error) {
    const { code, message, hint } = toCephflexError(error)
    throw new CephflexError(code, message, {
      hint: `specify the cluster with --cluster, or with --monitors and --keyring; or ${hint}`,
    })
  }
}

/** The flags as parameters of a StorageClass. `--cluster` has priority over monitors of the environment. */
function parametersOf(flags: AccessFlags): Parameters {
  const given = NAMES.filter(
    name => flags[name] !== undefined && !(name === 'monitors' && flags.cluster !== undefined),
  )
  return parseParameters(Object.fromEntries(given.map(name => [name, flags[name]])))
}
