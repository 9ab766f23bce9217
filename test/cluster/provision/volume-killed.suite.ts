import t from 'tap'
import type { Backend } from '../../../src/core/provision/names.js'
import type { Provisioner } from '../../../src/ops/provision/provisioner.js'
import { purgeKept } from '../../../src/ops/provision/purge.js'
import { restoreKept } from '../../../src/ops/provision/restore.js'
import { createVolume, deleteVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster, type TestCluster } from '../../lab/cluster.js'
import { BACKENDS, namesBelow, openFor, requestFor, volumeUsers } from '../../lab/provisioning.js'

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

/** Kills the work later and later, until it completes. @returns how often it was killed. */
const killEverywhere = async (
  cluster: TestCluster,
  backend: Backend,
  when: 'before' | 'during',
  parts: Parts,
): Promise<number> => {
  let count = 0
  while (await killOnce(() => openFor(cluster, { backend }), count, when, parts)) count += 1
  return count
}

// they mostly wait for the cluster, so each has its own and several run at once
t.jobs = 3

for (const backend of BACKENDS)
  t.test(`killed at every command: ${backend}`, async t => {
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
      t.ok(kills >= least, `create was killed ${when} each of ${kills} commands`)
      const deaths = await killEverywhere(cluster, backend, when, {
        before: async provisioner => createVolume(provisioner, request),
        work: async provisioner => deleteVolume(provisioner, pv),
        after: async provisioner => {
          t.strictSame(await namesBelow(provisioner), [], 'no directory')
          t.strictSame(await volumeUsers(cluster), [], 'no user')
        },
      })
      t.ok(deaths >= 4, `delete was killed ${when} each of ${deaths} commands`)
    }
  })

for (const [backend, onDelete] of [
  ['directory', 'archive'],
  ['subvolume', 'archive'],
  ['subvolume', 'retain'],
] as const)
  t.test(`kept data, killed at every command: ${backend}, ${onDelete}`, async t => {
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
    t.ok(kills >= 12, `restore was killed before each of ${kills} commands`)
    const deaths = await killEverywhere(cluster, backend, 'before', {
      before: keep,
      work: async provisioner => purgeKept(provisioner, pv),
      after: async provisioner => {
        t.strictSame(await namesBelow(provisioner), [], 'no directory')
        t.strictSame((await purgeKept(provisioner, pv)).steps, [], 'it is complete')
      },
    })
    t.ok(deaths >= 6, `purge was killed before each of ${deaths} commands`)
  })
