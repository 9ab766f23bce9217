// What a pod can write into the mark of its volume: each row of the table in the threat model, by its first cell.
import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { MARKER_XATTR, type Marker, parseMarker } from '../../../src/core/provision/marker.js'
import { volumeNames } from '../../../src/core/provision/names.js'
import type { Volume } from '../../../src/core/provision/volume.js'
import { listVolumes } from '../../../src/ops/provision/list.js'
import { proveVolumes } from '../../../src/ops/provision/prove.js'
import { purgeKept } from '../../../src/ops/provision/purge.js'
import { restoreKept } from '../../../src/ops/provision/restore.js'
import { readVolumeKey } from '../../../src/ops/provision/users.js'
import { createVolume, deleteVolume, expandVolume, showVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { adminCommands, MIB, namesBelow, provisionerFor, requestFor } from '../../lab/provisioning.js'

const PAGE = readFileSync('src/assets/docs/threat-model.md', 'utf8')
const ROWS = [...PAGE.matchAll(/^\| (the mark .*?) \|/gm)].map(([, row = '']) => row)
const WIDE = 'kubernetes_dynamic_user_wide'

t.test('what a pod writes into the mark', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const provisioner = await provisionerFor(t, cluster)
  const run = adminCommands(t, node, cluster, cluster.adminKey)
  const claimOf = (claim: string) => {
    const [namespace = '', name = ''] = claim.split('/')
    return { namespace, name }
  }
  const created = async (pv: string, claim?: string) => {
    const names = volumeNames(pv, 'directory', claim ? claimOf(claim) : undefined)
    const { volume } = await createVolume(provisioner, { ...requestFor(pv, 'directory'), names })
    if (!volume) throw new Error('no volume')
    return volume
  }
  // one that is found by its name, and two that are found by their marks, unless their claim is given
  const own = await created('own')
  const claimed = await created('claimed', 'apps/claimed')
  const victim = await created('victim', 'bank/data')
  await cluster.addUser(WIDE, { mon: 'allow *', mds: 'allow *', osd: 'allow *' })

  const keyOf = async (pv: string, claim?: string) => {
    const volume = await showVolume(provisioner, pv, { claim: claim ? claimOf(claim) : undefined })
    return { volume, key: (await readVolumeKey(provisioner, volume)).reveal() }
  }
  const keys = { own: (await keyOf('own')).key, claimed: (await keyOf('claimed')).key }
  const victimKey = (await keyOf('victim')).key

  /** Mounts a volume as the kubelet does: what is done there can be done by its pod. */
  const podOf = async (each: Volume, key: string) => {
    const target = node.target(each.pv)
    const options = { monitors: cluster.monitors, path: each.path, user: each.user }
    const secret = { 'kubernetes.io/secret/key': Buffer.from(key).toString('base64') }
    t.strictSame((await node.mount(target, { ...options, ...secret })).reply, { status: 'Success' })
    const setMark = (text: string, directory = target) =>
      execa('setfattr', ['-n', MARKER_XATTR, '-v', text, directory])
    const { stdout } = await execa('getfattr', ['--only-values', '-n', MARKER_XATTR, target])
    const mark = parseMarker(stdout) as Marker
    const write = (changes: object) => setMark(JSON.stringify({ ...mark, ...changes }))
    return { target, mark, setMark, write }
  }
  const pods = { own: await podOf(own, keys.own), claimed: await podOf(claimed, keys.claimed) }
  const both = (changes: object) => Promise.all(Object.values(pods).map(pod => pod.write(changes)))

  /** Each name gives the key of its own volume, or none. */
  const givesNothing = async (t: Test) => {
    for (const [pv, own, claim] of [
      ['own', keys.own],
      ['claimed', keys.claimed],
      ['claimed', keys.claimed, 'apps/claimed'],
      ['victim', victimKey],
      ['victim', victimKey, 'bank/data'],
    ] as const) {
      const got = await keyOf(pv, claim).catch(({ code }: { code: string }) => code)
      if (typeof got === 'string') t.ok(['ENOTOURS', 'ENOVOLUME'].includes(got), `${pv}: no key, ${got}`)
      else t.equal(got.key, own, `${pv}: its own key`)
    }
    t.match((await keyOf('victim', 'bank/data')).volume, victim, 'with its claim, the victim is found')
    for (const { volume, problem } of await confirmed())
      t.equal(volume.path, { own, claimed, victim }[volume.pv]?.path, `listed as ${volume.pv}: ${problem}`)
  }
  const all = async () => proveVolumes(provisioner, await listVolumes(provisioner))
  const confirmed = async () =>
    (await all()).filter(({ problem, volume }) => problem === undefined && !volume.kept)
  const refused = async (t: Test, pv: string, message: RegExp) => {
    await t.rejects(keyOf(pv), { code: 'ENOTOURS', message }, `show ${pv}`)
    await t.rejects(expandVolume(provisioner, pv, 16n * MIB), { message }, `expand ${pv}`)
    await t.rejects(deleteVolume(provisioner, pv), { code: 'ENOTOURS', message }, `delete ${pv}`)
  }

  const rows: Record<string, (t: Test) => Promise<unknown>> = {
    'the mark names an administrator as user': async t => {
      await both({ user: 'admin' })
      await givesNothing(t)
      t.match(await showVolume(provisioner, 'own'), { user: own.user }, 'the user follows from the name')
      await refused(t, 'claimed', /apps\/claimed has the mark of claimed, but client\.admin is not dedicated/)
      t.match(await run(['volume', 'show', 'claimed', '--kubernetes']), { exitCode: 1, stdout: '' })
      t.match(await run(['volume', 'list']), {
        stderr: /note: \S+apps\/claimed .* not confirmed: client\.admin is not dedicated/,
      })
      const secrets = `${node.dir}/secrets.yaml`
      t.match(await run(['export-csi', '--secrets-to', secrets]), { exitCode: 0 })
      t.notMatch(readFileSync(secrets, 'utf8'), cluster.adminKey)
    },
    'the mark names a user with wider caps': async t => {
      await both({ user: WIDE })
      await givesNothing(t)
      await refused(t, 'claimed', /apps\/claimed .*client\.kubernetes_dynamic_user_wide is not dedicated/)
    },
    'the mark names the user of another volume': async t => {
      await both({ user: victim.user })
      await givesNothing(t)
      await refused(t, 'claimed', /apps\/claimed .*client\.k8s\.bank\.data is not dedicated/)
    },
    'the mark names a user that does not exist': async t => {
      await both({ user: 'nobody' })
      await givesNothing(t)
      await t.rejects(keyOf('claimed'), { code: 'ENOVOLUME', message: /no user client\.nobody/ })
    },
    'the mark names another volume': async t => {
      await both({ pv: 'victim' })
      await givesNothing(t)
      for (const { path } of [victim, claimed, own])
        await refused(t, 'victim', new RegExp(`several directories have the mark of victim: .*${path}`))
      await refused(t, 'own', new RegExp(`^${own.path} has the mark of victim, but it is the path of own`))
      t.match(await run(['export-csi', 'victim']), { exitCode: 1, stdout: '' }, 'none of them is exported')
    },
    'the mark is a copy of that of another volume': async t => {
      await both({ pv: 'victim', user: victim.user, namespace: victim.namespace })
      await givesNothing(t)
      await refused(t, 'victim', new RegExp(`several directories have the mark of victim: .*${claimed.path}`))
      t.match(
        (await confirmed()).map(({ volume }) => volume.path),
        [victim.path],
      )
    },
    'the mark names another pool, namespace or access': async t => {
      await pods.own.write({ pool: 'metadata', namespace: victim.namespace, readOnly: true })
      t.strictSame(await showVolume(provisioner, 'own'), own, 'the layout and the caps count')
      const third = await created('third')
      const pod = await podOf(third, (await keyOf('third')).key)
      await pod.write({ pool: 'metadata', namespace: victim.namespace })
      await execa('umount', ['-l', pod.target])
      await cluster.command({ prefix: 'auth rm', entity: `client.${third.user}` })
      await createVolume(provisioner, requestFor('third', 'directory'))
      t.match(
        await cluster.command({ prefix: 'auth get', entity: `client.${third.user}` }),
        [{ caps: { osd: `allow rw pool=data namespace=${third.namespace}` } }],
        'a new user gets the caps of its own data',
      )
      await deleteVolume(provisioner, 'third')
    },
    'the mark names another backend': async t => {
      await both({ backend: 'subvolume' })
      t.match(await showVolume(provisioner, 'claimed'), claimed, 'the caps count')
      await givesNothing(t)
    },
    'the mark says that the data is kept': async t => {
      await both({ kept: 'retain', pv: 'victim' })
      await givesNothing(t)
      t.match(await showVolume(provisioner, 'victim'), victim, 'it gives way to a volume')
      for (const { path, user } of [own, claimed]) {
        const message = new RegExp(`^${path} is not kept data: client\\.${user} has caps for it`)
        await t.rejects(purgeKept(provisioner, path), { code: 'ENOTOURS', message })
        await t.rejects(restoreKept(provisioner, path, 'other'), { code: 'ENOTOURS', message })
      }
    },
    'the mark is longer than any mark': async t => {
      await pods.claimed.setMark('x'.repeat(5000))
      await givesNothing(t)
      t.match(await showVolume(provisioner, 'victim'), victim)
      await t.rejects(showVolume(provisioner, 'claimed'), { code: 'ENOVOLUME' })
    },
    'the mark is not JSON, or has other types': async t => {
      const { mark } = pods.claimed
      const texts = ['{', '[]', '"x"', '7', 'null', '{"version":1}', JSON.stringify([mark])]
      const changes = [
        { version: 2 },
        { pv: 7 },
        { pv: '../x' },
        { pv: 'a\nb' },
        { user: ['admin'] },
        { user: 'a b' },
        { user: '\u001b[2J' },
        { backend: 'other' },
        { namespace: null },
        { pool: {} },
        { readOnly: 'no' },
        { createdAt: 1 },
        { imported: 'yes' },
        { kept: 'for ever' },
      ]
      for (const text of [...texts, ...changes.map(each => JSON.stringify({ ...mark, ...each }))])
        t.equal(parseMarker(text), undefined, text)
      await both({ user: ['admin'] })
      await givesNothing(t)
      t.match(await showVolume(provisioner, 'victim'), victim)
    },
    'the mark is removed, and one is set on directories inside': async t => {
      const { target, mark, setMark } = pods.own
      await execa('mkdir', ['-p', `${target}/inner/deep`])
      await execa('ln', ['-s', victim.path, `${target}/link`])
      const forged = JSON.stringify({ ...mark, pv: 'victim', user: victim.user })
      await setMark(forged, `${target}/inner`)
      await setMark(forged, `${target}/inner/deep`)
      await execa('setfattr', ['-x', MARKER_XATTR, target])
      await givesNothing(t)
      t.match(await showVolume(provisioner, 'victim'), victim, 'no second mark is found')
      await t.rejects(deleteVolume(provisioner, 'own'), { message: /is not marked as a volume/ })
      await execa('rm', ['-r', `${target}/inner`, `${target}/link`])
    },
  }
  t.strictSame(Object.keys(rows), ROWS, 'every row of the page has a test')
  for (const [row, test] of Object.entries(rows)) {
    await t.test(row, test)
    await both({})
  }

  await t.test('a volume in the directory of another volume', async t => {
    const request = requestFor('inner', 'directory')
    const names = { ...request.names, share: `${own.path.split('/').at(-1)}/x` }
    await t.rejects(createVolume(provisioner, { ...request, names }), {
      code: 'ENOTOURS',
      message: new RegExp(`would be in another volume: ${own.path} `),
    })
  })

  await t.test('after all of this, each volume can be deleted', async t => {
    for (const name of ['own', 'claimed', 'victim'])
      t.ok((await deleteVolume(provisioner, name)).steps.length > 0, name)
    t.strictSame(await namesBelow(provisioner, 'bank'), [])
  })
})
