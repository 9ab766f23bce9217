import t from 'tap'
import { type Backend, tenantVolumeNames } from '../../../src/core/provision/names.js'
import { tenantFor } from '../../../src/core/provision/tenant.js'
import type { VolumeRequest } from '../../../src/core/provision/volume.js'
import type { Provisioner } from '../../../src/ops/provision/provisioner.js'
import { purgeKept } from '../../../src/ops/provision/purge.js'
import { restoreKept } from '../../../src/ops/provision/restore.js'
import { removeTenant } from '../../../src/ops/provision/tenants.js'
import { readVolumeKey } from '../../../src/ops/provision/users.js'
import { createVolume, deleteVolume, showVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster, type TestCluster } from '../../lab/cluster.js'
import { BACKENDS, namesBelow, openFor, requestFor, volumeUsers } from '../../lab/provisioning.js'
import { IS_FULL } from '../../support/is-full.js'

class Killed extends Error {}

/**
 * Lets `count` commands to the cluster pass and then dies: before the next one
 * is sent, or right after it. Both helper processes get SIGKILL, as if the
 * whole container were killed; nothing is stored on the disk.
 */
const mortal = (provisioner: Provisioner, count: number, when: 'before' | 'during') => {
  let left = count
  let isDead = false
  const die = () => {
    isDead = true
    provisioner.files.kill()
    provisioner.rados.kill()
    throw new Killed('killed')
  }
  const guard =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      left -= 1
      if (left >= 0) return call(...args)
      if (when === 'before') return die()
      const answer = call(...args)
      answer.catch(() => undefined)
      // the command is written to the helper in this tick; the helper may or may not still send it
      await new Promise(resolve => setTimeout(resolve, (count % 4) * 2))
      return die()
    }
  const { files, rados } = provisioner
  const wrapped: Provisioner = {
    ...provisioner,
    files: {
      ...files,
      look: guard(files.look),
      list: guard(files.list),
      change: guard(files.change),
      purge: guard(files.purge),
      survey: guard(files.survey),
    },
    rados: { ...rados, ask: guard(rados.ask), command: guard(rados.command) },
  }
  return { wrapped, died: () => isDead }
}

type Parts = Record<'before' | 'work' | 'after', (provisioner: Provisioner) => Promise<unknown>>

/** Kills the work after `count` commands, and repeats it if it was killed. @returns whether it was killed. */
const killOnce = async (
  open: () => Promise<Provisioner>,
  count: number,
  when: 'before' | 'during',
  { before, work, after }: Parts,
): Promise<boolean> => {
  const first = await open()
  await before(first)
  const { wrapped, died } = mortal(first, count, when)
  const end = await work(wrapped).catch((error: unknown) => error)
  if (end instanceof Error && !died()) throw end
  const second = died() ? await open() : first
  if (died()) await work(second)
  await after(second)
  // not closed: the next client must take over from a killed one
  second.files.kill()
  second.rados.kill()
  return died()
}

/**
 * Kills the work later and later, until it completes: before every second command, and during the others. `test:soak` does
 * both to each.
 *
 * @returns the number of commands.
 */
const killEverywhere = async (
  cluster: TestCluster,
  backend: Backend,
  when: 'before' | 'during',
  parts: Parts,
): Promise<number> => {
  let count = when === 'before' || IS_FULL ? 0 : 1
  while (await killOnce(() => openFor(cluster, { backend }), count, when, parts)) count += IS_FULL ? 1 : 2
  return count
}

// they mostly wait for the cluster, so each has its own and several run at once
t.jobs = 3

for (const backend of BACKENDS)
  t.test(`killed at commands: ${backend}`, async t => {
    const cluster = await startCluster(t, { mgr: true })
    for (const when of ['before', 'during'] as const) {
      const request = requestFor('pvc-0b8a2c4e-1111-4222-8333-123456789abc', backend)
      const { pv, names } = request
      const kills = await killEverywhere(cluster, backend, when, {
        before: async provisioner => deleteVolume(provisioner, pv),
        work: async provisioner => createVolume(provisioner, request),
        after: async provisioner => {
          t.strictSame(await namesBelow(provisioner), [names.share], 'exactly one directory')
          t.strictSame(await volumeUsers(cluster), [`client.${names.user}`], 'exactly one user')
          const { steps } = await createVolume(provisioner, request)
          t.strictSame(steps, [], 'it is complete')
        },
      })
      const least = backend === 'directory' ? 12 : 9
      t.ok(kills >= least, `create was killed ${when} some of ${kills} commands`)
      const deaths = await killEverywhere(cluster, backend, when, {
        before: async provisioner => createVolume(provisioner, request),
        work: async provisioner => deleteVolume(provisioner, pv),
        after: async provisioner => {
          t.strictSame(await namesBelow(provisioner), [], 'no directory')
          t.strictSame(await volumeUsers(cluster), [], 'no user')
        },
      })
      t.ok(deaths >= 4, `delete was killed ${when} some of ${deaths} commands`)
    }
  })

t.test('killed at commands: a volume with the user of its namespace', async t => {
  const cluster = await startCluster(t)
  const place = { fsName: 'cephfs', claimRoot: '/volumes/kubernetes' }
  const tenant = tenantFor('3f0c7a52-0d4e-4b8f-9a64-1d2e3f405162', place, undefined)
  const [request, sibling] = ['web', 'sibling'].map(pv =>
    requestFor(pv, 'directory', { names: tenantVolumeNames(pv, tenant) }),
  ) as [VolumeRequest, VolumeRequest]
  const [, share = ''] = request.names.share.split('/')
  const { directory, user } = tenant
  const entity = `client.${user}`
  const keyOf = async (provisioner: Provisioner) =>
    (await readVolumeKey(provisioner, await showVolume(provisioner, 'sibling', sibling))).reveal()
  let key = ''
  for (const when of ['before', 'during'] as const) {
    const kills = await killEverywhere(cluster, 'directory', when, {
      before: async provisioner => {
        await deleteVolume(provisioner, 'web', request)
        t.ok(await removeTenant(provisioner, tenant))
      },
      work: async provisioner => createVolume(provisioner, request),
      after: async provisioner => {
        t.strictSame(await namesBelow(provisioner), [directory], 'exactly one directory')
        t.strictSame(await namesBelow(provisioner, directory), [share], 'and one in it')
        t.strictSame(await volumeUsers(cluster), [entity], 'exactly one user')
        t.strictSame((await createVolume(provisioner, request)).steps, [], 'it is complete')
      },
    })
    t.ok(kills >= 12, `the first one was killed ${when} some of ${kills} commands`)
    const deaths = await killEverywhere(cluster, 'directory', when, {
      before: async provisioner => {
        for (const each of [request, sibling]) await createVolume(provisioner, each)
        key = await keyOf(provisioner)
      },
      work: async provisioner => {
        await deleteVolume(provisioner, 'web', request)
        t.notOk(await removeTenant(provisioner, tenant))
      },
      after: async provisioner => {
        t.equal((await namesBelow(provisioner, directory)).length, 1, 'the other volume')
        t.strictSame(await namesBelow(provisioner), [directory], 'and nothing beside')
        t.equal(await keyOf(provisioner), key, 'still has its user')
      },
    })
    t.ok(deaths >= 4, `the deletion of one was killed ${when} some of ${deaths} commands`)
    const ends = await killEverywhere(cluster, 'directory', when, {
      before: async provisioner => {
        await deleteVolume(provisioner, 'web', request)
        await createVolume(provisioner, sibling)
      },
      work: async provisioner => {
        await deleteVolume(provisioner, 'sibling', sibling)
        t.ok(await removeTenant(provisioner, tenant))
      },
      after: async provisioner => {
        t.strictSame(await namesBelow(provisioner), [], 'no directory')
        t.strictSame(await volumeUsers(cluster), [], 'no user')
      },
    })
    t.ok(ends >= 6, `that of the last one was killed ${when} some of ${ends} commands`)
  }
})

for (const [backend, onDelete] of [
  ['directory', 'archive'],
  ['subvolume', 'archive'],
  ['subvolume', 'retain'],
] as const)
  t.test(`kept data, killed at commands: ${backend}, ${onDelete}`, async t => {
    const cluster = await startCluster(t, { mgr: true })
    const request = requestFor('pvc-0b8a2c4e-1111-4222-8333-123456789abc', backend)
    const { pv } = request
    const keep = async (provisioner: Provisioner) => {
      for (const name of [pv, 'again']) await deleteVolume(provisioner, name)
      const { volume } = await createVolume(provisioner, request)
      const data = volume?.path.slice(provisioner.cluster.claimRoot.length + 1)
      await provisioner.files.change('mkdir', { path: `${data}/content`, mode: 0o755 })
      await deleteVolume(provisioner, pv, { onDelete })
    }
    const { share, user } = requestFor('again', backend).names
    const kills = await killEverywhere(cluster, backend, 'before', {
      before: keep,
      work: async provisioner => restoreKept(provisioner, pv, 'again'),
      after: async provisioner => {
        t.strictSame(await namesBelow(provisioner), [share], 'exactly one directory')
        t.strictSame(await namesBelow(provisioner, share), ['content'], 'with the data')
        t.strictSame(await volumeUsers(cluster), [`client.${user}`], 'exactly one user')
        t.strictSame((await restoreKept(provisioner, pv, 'again')).steps, [], 'it is complete')
      },
    })
    t.ok(kills >= 12, `restore was killed before some of ${kills} commands`)
    const deaths = await killEverywhere(cluster, backend, 'before', {
      before: keep,
      work: async provisioner => purgeKept(provisioner, pv),
      after: async provisioner => {
        t.strictSame(await namesBelow(provisioner), [], 'no directory')
        t.strictSame((await purgeKept(provisioner, pv)).steps, [], 'it is complete')
      },
    })
    t.ok(deaths >= 6, `purge was killed before some of ${deaths} commands`)
  })
