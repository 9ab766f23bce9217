import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { MARKER_XATTR } from '../../../src/core/provision/marker.js'
import { reservedPath } from '../../../src/core/provision/names.js'
import type { Provisioner } from '../../../src/ops/provision/provisioner.js'
import { createVolume, deleteVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { namesBelow, openFor, provisionerFor, requestFor } from '../../lab/provisioning.js'
import { base64 } from '../../support/volumes.js'

/** One round of changing `swapN` from a directory to a link and back. */
const exchangeOnce = async (trash: string, link: string, i: number): Promise<void> => {
  try {
    renameSync(`${trash}/swap${i}`, `${trash}/moved${i}`)
    symlinkSync(link, `${trash}/swap${i}`)
    await sleep(1)
    rmSync(`${trash}/swap${i}`)
    renameSync(`${trash}/moved${i}`, `${trash}/swap${i}`)
  } catch {
    // it is deleted, or half deleted
  }
  await sleep(0)
}

const exchange = (trash: string, link: string) => {
  let isOver = false
  const attack = async () => {
    for (let i = 0; !isOver; i = (i + 1) % 40) await exchangeOnce(trash, link, i)
  }
  const over = attack()
  const end = () => {
    isOver = true
    return over
  }
  return { end }
}

/** Purges until it is done: a swapped directory ends a round. The attack stops halfway. */
const purgeWhole = async ({ files }: Provisioner, path: string, giveUp: () => unknown): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await files.purge(path, 5).catch(() => false)) return
    if (tries === 100) giveUp()
  }
}

t.test('deleting the data of a volume', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const provisioner = await provisionerFor(t, cluster, { backend: 'directory' })
  const [victim, neighbour] = ['victim', 'neighbour'].map(name => requestFor(name, 'directory'))
  if (!victim || !neighbour) throw new Error('no requests')
  await createVolume(provisioner, victim)
  await createVolume(provisioner, neighbour)
  // this mount of the admin has all data: it acts for the pods, and for an attacker
  const root = node.target('root')
  const mount = {
    monitors: cluster.monitors,
    path: '/',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  t.strictSame((await node.mount(root, mount)).reply, { status: 'Success' })
  const claimRoot = `${root}/volumes/kubernetes`
  const safe = `${claimRoot}/${neighbour.names.share}`
  mkdirSync(`${safe}/deep`)
  for (const name of ['a', 'deep/b']) writeFileSync(`${safe}/${name}`, name)
  const neighbourIsWhole = () =>
    t.strictSame(
      [readdirSync(safe).sort(), readFileSync(`${safe}/deep/b`, 'utf8')],
      [['a', 'deep'], 'deep/b'],
      'the neighbour is unchanged',
    )
  const fill = () => {
    const top = `${claimRoot}/${victim.names.share}`
    for (let i = 0; i < 600; i += 1) writeFileSync(`${top}/file ${i}`, 'x')
    for (let i = 0; i < 300; i += 1) mkdirSync(`${top}/empty${i}`)
    mkdirSync(`${top}/${Array.from({ length: 120 }, () => 'd').join('/')}`, { recursive: true })
    mkdirSync(`${top}/-rf *\n"ü`)
    writeFileSync(`${top}/-rf *\n"ü/.hidden`, 'x')
    symlinkSync(safe, `${top}/absolute`)
    symlinkSync(`../${neighbour.names.share}`, `${top}/relative`)
    symlinkSync('/', `${top}/root`)
    symlinkSync('..', `${top}/up`)
    return top
  }

  await t.test('links are removed, not followed', async t => {
    fill()
    await deleteVolume(provisioner, 'victim')
    t.strictSame(await namesBelow(provisioner), [neighbour.names.share])
    neighbourIsWhole()
  })

  await t.test('a directory that is repeatedly swapped for a link', async t => {
    await createVolume(provisioner, victim)
    const top = fill()
    const trash = `${claimRoot}/${reservedPath('trash', victim.names.share)}`
    renameSync(top, trash)
    for (let i = 0; i < 40; i += 1) {
      mkdirSync(`${trash}/swap${i}/x`, { recursive: true })
      for (let j = 0; j < 20; j += 1) writeFileSync(`${trash}/swap${i}/x/${j}`, 'x')
    }
    const attack = exchange(trash, `../${neighbour.names.share}`)
    await purgeWhole(provisioner, reservedPath('trash', victim.names.share), attack.end)
    await attack.end()
    neighbourIsWhole()
    t.notOk(
      (await namesBelow(provisioner)).some(name => name.includes('trash')),
      'and the trash is deleted',
    )
  })

  await t.test('in rounds, and after a kill', async t => {
    await deleteVolume(provisioner, 'victim')
    await createVolume(provisioner, victim)
    fill()
    const trash = reservedPath('trash', victim.names.share)
    await provisioner.files.change('rename', { old: victim.names.share, new: trash })
    const dying = await openFor(cluster, { backend: 'directory' })
    await dying.openRoot(false)
    t.equal(await dying.files.purge(trash, 0.02), false, 'a round ends within its time')
    dying.files.kill()
    dying.rados.kill()
    // an open session would wait a minute for the caps of the dead client
    const next = await provisionerFor(t, cluster, { backend: 'directory' })
    const { steps } = await deleteVolume(next, 'victim')
    t.match(
      steps.map(step => step.do),
      ['remove user', 'purge'],
      'the next call continues',
    )
    t.strictSame(await namesBelow(provisioner), [neighbour.names.share])
  })

  await t.test('trash without a marker is refused', async t => {
    const trash = reservedPath('trash', victim.names.share)
    mkdirSync(`${claimRoot}/${trash}`)
    await t.rejects(deleteVolume(provisioner, 'victim'), { code: 'ENOTOURS' })
    t.strictSame(await provisioner.files.look([trash], [MARKER_XATTR]), [
      { kind: 'directory', attributes: { [MARKER_XATTR]: null } },
    ])
  })
})
