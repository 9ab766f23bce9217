import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildCaps, capsList } from '../../../src/core/provision/caps/caps.js'
import { type Backend, volumeNames } from '../../../src/core/provision/names.js'
import type { Provisioner } from '../../../src/ops/provision/provisioner.js'
import { createVolume } from '../../../src/ops/provision/volumes.js'
import { WAYS, type Way } from '../../records/provision.js'
import { type Command, timed } from '../stopwatch.js'
import type { ProvisionLab } from './lab.js'

const root = join(import.meta.dirname, '../../../..')
const drivers = join(root, 'test/bench/drivers')
const oldProvisioner = join(root, 'test/lab/old-provisioner.py')

const SIZE = 8 * 2 ** 20

/** Creates one volume with a unique number. @throws Error if it is not created. */
export type Maker = (number: number) => Promise<void>

/** Through one session, like `cephflex volume create` and the controller. */
export function cephflex(backend: Backend, provisioner: Provisioner, prefix: string = backend): Maker {
  return async number => {
    const pv = `${prefix}-${number}`
    const names = volumeNames(pv, backend)
    const { volume } = await createVolume(provisioner, {
      pv,
      names,
      sizeBytes: BigInt(SIZE),
      readOnly: false,
      mode: 0o777,
    })
    if (volume?.path === undefined) throw new Error(`${pv} was not made`)
  }
}

/** Records how long the monitor takes to commit a user. */
export function watchCommits(provisioner: Provisioner, commits: number[]): Provisioner {
  const ask: Provisioner['rados']['ask'] = async (target, command, options) => {
    const begin = performance.now()
    const answer = await provisioner.rados.ask(target, command, options)
    if ((command as { prefix?: string }).prefix === 'auth get-or-create')
      commits.push(performance.now() - begin)
    return answer
  }
  return { ...provisioner, rados: { ...provisioner.rados, ask } }
}

/** A user with the caps of a volume, without the volume. */
export function users({ rados, cluster }: Provisioner): Record<'user' | 'bareUser' | 'removeUser', Maker> {
  const entity = (number: number) => `client.${volumeNames(`user-${number}`, 'directory').user}`
  const readUserCaps = (number: number): string[] => {
    const { share, namespace } = volumeNames(`user-${number}`, 'directory')
    const path = `${cluster.claimRoot}/${share}`
    const [pool = ''] = cluster.dataPools
    return capsList(buildCaps({ path, pool, namespace, readOnly: false, fsName: cluster.fsName }))
  }
  const asking =
    (prefix: string, more: (number: number) => object = () => ({})): Maker =>
    async number => {
      await rados.command('mon', { prefix, entity: entity(number), ...more(number) })
    }
  return {
    user: asking('auth get-or-create', number => ({ caps: readUserCaps(number) })),
    bareUser: asking('auth get-or-create'),
    removeUser: asking('auth rm'),
  }
}

/** The methods that start processes. */
export function scripts(lab: ProvisionLab): Record<Exclude<Way, Backend>, Maker> {
  return {
    'directory-by-command': byCommands(lab, 'directory-by-command'),
    'directory-mounted': byCommands(lab, 'directory-mounted'),
    'subvolume-by-command': byCommands(lab, 'subvolume-by-command'),
    'old-provisioner': script(lab, 'old-provisioner', number => [
      '/usr/bin/python3',
      '-I',
      oldProvisioner,
      lab.env.CEPH_CONF,
      '/volumes',
      'scripts',
      share('old-provisioner', number),
      share('old-provisioner', number),
      String(SIZE),
    ]),
  }
}

/**
 * Verifies what the scripts created: quota, namespace, user.
 *
 * @throws Error with the method whose volume is not as requested.
 */
export async function prove(lab: ProvisionLab, { rados }: Provisioner, way: Way): Promise<void> {
  const name = share(way, 0)
  const above = join(lab.mounted, 'volumes/scripts', name)
  const [data = ''] =
    way === 'subvolume-by-command' ? readdirSync(above).filter(found => !found.startsWith('.')) : []
  const value = (attribute: string) =>
    execFileSync('getfattr', ['--absolute-names', '--only-values', '-n', attribute, join(above, data)], {
      encoding: 'utf8',
    })
  const { output } = await rados.ask('mon', { prefix: 'auth get', entity: `client.${name}` })
  const [user] = (output ?? []) as { caps: Record<string, string> }[]
  const isWhole =
    value('ceph.quota.max_bytes') === String(SIZE) &&
    value('ceph.dir.layout.pool_namespace') === `fsvolumens_${name}` &&
    user?.caps['mds']?.includes(name) &&
    user.caps['osd']?.includes(`namespace=fsvolumens_${name}`)
  if (!isWhole) throw new Error(`${WAYS[way]}: the volume is not what was asked for`)
}

function byCommands(lab: ProvisionLab, way: Way): Maker {
  return script(lab, way, number => [
    'sh',
    join(drivers, `${way}.sh`),
    share(way, number),
    share(way, number),
    String(SIZE),
    `fsvolumens_${share(way, number)}`,
  ])
}

function script(lab: ProvisionLab, name: string, argv: (number: number) => Command['argv']): Maker {
  return async number => {
    const env = { ...lab.env, MOUNTED: lab.mounted }
    await timed({ argv: argv(number), env }, join(lab.folder, `${name}-${number}`))
  }
}

function share(way: Way, number: number) {
  return `${way}-${number}`
}
