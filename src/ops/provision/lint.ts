import { type Layout, NAMESPACE_XATTR, POOL_XATTR } from '../../core/ceph/xattrs.js'
import { CephflexError } from '../../core/errors.js'
import type { PoolTags } from '../../core/provision/caps/access.js'
import { fsNameOf, type LintReport, lintCaps } from '../../core/provision/caps/lint.js'
import { type Era, eraOf } from '../../core/provision/caps/mds-grammar.js'
import type { LintFacts } from '../../core/provision/caps/places.js'
import { type FsLs, oldestMajor, type Versions } from '../../core/provision/cluster-facts.js'
import { tenantOfPath } from '../../core/provision/tenant.js'
import { addressTowards } from '../../system/network/own-address.js'
import type { System } from '../../system/system.js'
import { resolveMonitors } from '../volume/resolve-monitors.js'
import { layoutOf } from './attributes.js'
import { type AdminAccess, openProvisioner, type Provisioner } from './provisioner.js'
import { readUserCaps } from './users.js'

type LintOptions = Pick<LintFacts, 'path' | 'address'>

/** Sessions with a cluster, and how they were opened. */
export type LintSession = { system: System; provisioner: Provisioner; access: AdminAccess }

/**
 * Checks the caps of a user in a live cluster: against its release, file systems, pools and directories, and the
 * address of this node unless another one is given.
 *
 * @throws CephflexError ENOVOLUME if the user does not exist.
 */
export async function lintUser(
  { system, provisioner, access }: LintSession,
  user: string,
  options: LintOptions = {},
): Promise<LintReport> {
  const caps = await readUserCaps(provisioner, user)
  if (caps === undefined)
    throw new CephflexError('ENOVOLUME', `there is no user client.${user}`, {
      hint: 'list the users with "ceph auth ls"',
    })
  const entity = `client.${user}`
  const cluster = await readCluster(provisioner)
  const wanted = access.fsName ?? fsNameOf(caps)
  const fsName = cluster.dataPools.has(wanted ?? '') ? wanted : provisioner.cluster.fsName
  const facts = {
    ...options,
    fsName,
    era: cluster.era,
    defaultFsName: access.fsName ?? provisioner.cluster.fsName,
    tagsOf: (pool: string) => cluster.tags.get(pool),
    address: options.address ?? (await ownAddress(system, access)),
  }
  const paths = lintCaps(entity, caps, facts).access.map(({ path }) => path)
  const found = await readLayouts(system, { ...access, fsName }, paths)
  const [byDefault] = cluster.dataPools.get(fsName ?? '') ?? []
  return lintCaps(entity, caps, { ...facts, layoutOf: path => layoutAt(path, found, byDefault) })
}

type OsdDump = { pools?: { pool_name: string; application_metadata?: PoolTags }[] }

/** The grammar of the oldest daemon, the tags of every pool, and the data pools of every file system. */
async function readCluster({ rados }: Provisioner): Promise<{
  era: Era | undefined
  tags: Map<string, PoolTags>
  dataPools: Map<string, readonly string[]>
}> {
  const ask = (prefix: string) => rados.command('mon', { prefix })
  const [versions, osds, ls] = await Promise.all(['versions', 'osd dump', 'fs ls'].map(ask))
  const major = oldestMajor(versions as Versions)
  return {
    era: major === undefined ? undefined : eraOf(major),
    tags: new Map(
      ((osds as OsdDump).pools ?? []).map(pool => [pool.pool_name, pool.application_metadata ?? {}]),
    ),
    dataPools: new Map((ls as FsLs).map(({ name = '', data_pools = [] }) => [name, data_pools])),
  }
}

/** The address with which this node reaches the cluster; undefined if it cannot be determined. */
async function ownAddress(system: System, { monitors }: AdminAccess): Promise<string | undefined> {
  const [monitor] = await resolveMonitors(system, monitors)
  return monitor && addressTowards(monitor.host)
}

type Layouts = ReadonlyMap<string, Layout | undefined>

/** The layouts set on these directories and on those above; undefined if they cannot be looked up. */
async function readLayouts(
  system: System,
  access: AdminAccess,
  paths: readonly string[],
): Promise<Layouts | undefined> {
  const wanted = [...new Set(paths.flatMap(upwards))]
  let everything: Provisioner | undefined
  try {
    // claimRoot is not enough: a layout may be inherited from above
    everything = await openProvisioner(system, { ...access, claimRoot: '/', backend: 'directory' })
    await everything.openRoot(false)
    const relative = wanted.map(path => path.slice(1))
    const infos = await everything.files.look(relative, [POOL_XATTR, NAMESPACE_XATTR])
    const layouts = new Map(
      infos.flatMap((info, index) =>
        'attributes' in info ? [[wanted[index] ?? '', layoutOf(info)] as const] : [],
      ),
    )
    for (const path of [...layouts.keys()].filter(path => tenantOfPath(path)?.path === path))
      layouts.set(path, await layoutInTenant(everything, path))
    return layouts
  } catch {
    return undefined
  } finally {
    await everything?.close()
  }
}

/** The directory of a tenant contains only volumes, which have a layout. Without one, it is not known. */
async function layoutInTenant({ files }: Provisioner, path: string): Promise<Layout | undefined> {
  const volumes = await files.list(path.slice(1), [POOL_XATTR, NAMESPACE_XATTR])
  return volumes.map(layoutOf).find(Boolean)
}

/** Where new files of a directory are stored: as the nearest directory with a layout says, else in the default pool. */
function layoutAt(
  path: string,
  layouts: Layouts | undefined,
  byDefault: string | undefined,
): Layout | undefined {
  if (layouts === undefined || !layouts.has(path)) return undefined
  if (tenantOfPath(path)?.path === path) return layouts.get(path)
  for (const directory of upwards(path)) {
    const own = layouts.get(directory)
    if (own !== undefined) return own
  }
  return byDefault === undefined ? undefined : { pool: byDefault, namespace: '' }
}

/** A directory and all directories above it, up to the root. */
function upwards(path: string): string[] {
  const parts = path.split('/').filter(part => part !== '')
  return [...parts.keys()]
    .reverse()
    .map(index => `/${parts.slice(0, index + 1).join('/')}`)
    .concat('/')
}
