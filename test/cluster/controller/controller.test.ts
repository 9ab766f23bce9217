import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { PersistentVolume } from '../../../src/core/kubernetes/objects.js'
import { leaks } from '../../kube/support/secrets.js'
import { startCluster } from '../../lab/cluster.js'
import { controllerWorld, leftIn, NOTHING_LEFT } from '../../lab/controller.js'
import { provisionerFor } from '../../lab/provisioning.js'
import { until } from '../../lab/until.js'
import { base64, KEY } from '../../support/volumes.js'

t.test('a controller, a real Ceph, and an API in memory', async t => {
  const cluster = await startCluster(t)
  const provisioner = await provisionerFor(t, cluster)
  /** Called with each request to the API before it is answered. */
  let onRequest: (method: string, path: string) => unknown = () => undefined
  const world = await controllerWorld(t, cluster, (method, path) => {
    onRequest(method, path)
    return true
  })
  const left = () => leftIn(world, cluster, provisioner)
  const event = (reason: string, pattern = /./) =>
    until(`an event ${reason} like ${pattern}`, () =>
      world.events().find(each => each.reason === reason && pattern.test(each.message)),
    )
  world.start()
  const page = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${await world.port()}${path}`)
    return [answer.status, await answer.text()]
  }

  await t.test('a claim: volume, growth, end', async t => {
    const uid = world.newClaim({ resources: { requests: { storage: '16Mi' } } })
    const volume = await until('its volume', () => world.volume())
    t.equal(volume.metadata.name, `pvc-${uid}`)
    t.match(volume.spec, { claimRef: { uid }, capacity: { storage: '16Mi' } })
    await until('the claim has no finalizer', () => world.claim()?.metadata.finalizers?.length === 0)
    await event('ProvisioningSucceeded', new RegExp(`^created volume pvc-${uid} in /volumes/kubernetes/`))
    t.strictSame(await left(), { users: 1, directories: 1, volumes: 1, secrets: 1, claims: 1 })
    world.bind(volume)
    world.resize('32Mi')
    await until('it is expanded', () => world.claim()?.status?.capacity?.['storage'] === '32Mi')
    t.match(world.volume(), { spec: { capacity: { storage: '32Mi' } } })
    world.resize('8Mi')
    await event('VolumeResizeFailed', /^ESHRINK: .*Hint: /)
    world.removeClaim()
    world.release(volume)
    await until('it is gone', () => world.volume() === undefined)
    t.strictSame(await left(), NOTHING_LEFT)
  })

  await t.test('a claim costs four requests and an event', async t => {
    const requests: string[] = []
    onRequest = (method, path) => {
      const [, what = ''] = /\/(persistentvolume(?:claim)?s|secrets|events)\b/.exec(path) ?? []
      if (what !== '') requests.push(`${method} ${what}`)
    }
    world.newClaim()
    const volume = await until('its volume', () => world.volume())
    await until('the event', () => requests.includes('POST events'))
    // also what its own changes make the controller look at again
    await delay(500)
    t.strictSame(requests, [
      'PATCH persistentvolumeclaims',
      'POST secrets',
      'POST persistentvolumes',
      'PATCH persistentvolumeclaims',
      'POST events',
    ])
    onRequest = () => undefined
    world.removeClaim()
    world.release(volume)
    await until('it is gone', () => world.volume() === undefined)
    t.strictSame(await left(), NOTHING_LEFT)
  })

  await t.test('a claim that changed since the informer saw it', async t => {
    let isChanged = false
    onRequest = (method, path) => {
      if (isChanged || method !== 'PATCH' || !path.endsWith('persistentvolumeclaims/data')) return
      isChanged = true
      world.resize('32Mi')
    }
    world.newClaim({ resources: { requests: { storage: '16Mi' } } })
    const volume = await until('its volume', () => world.volume())
    t.match(volume.spec, { capacity: { storage: '32Mi' } }, 'it is created as the claim is now')
    onRequest = () => undefined
    world.removeClaim()
    world.release(volume)
    await until('it is gone', () => world.volume() === undefined)
    t.strictSame(await left(), NOTHING_LEFT)
  })

  for (const [when, storages] of [
    ['before this one', ['48Mi', '64Mi']],
    ['while this one writes', ['80Mi', '96Mi']],
    ['after this one', ['112Mi', '128Mi']],
  ] as const)
    await t.test(`Kubernetes' own controller expands it ${when}`, async t => {
      world.newClaim({ resources: { requests: { storage: '16Mi' } } })
      const volume = await until('its volume', () => world.volume())
      await until('the claim has no finalizer', () => world.claim()?.metadata.finalizers?.length === 0)
      world.bind(volume)
      for (const storage of storages) {
        const isLeft = () => world.claim()?.status?.allocatedResourceStatuses?.['storage'] !== undefined
        const turn = (moment: typeof when) => {
          if (moment === when) world.expandAsKubernetes(storage)
        }
        onRequest = (method, path) => {
          if (method !== 'PATCH' || !path.endsWith('/data/status')) return
          onRequest = () => undefined
          turn('while this one writes')
        }
        world.resize(storage)
        turn('before this one')
        await event('VolumeResizeSuccessful', new RegExp(` ${storage}$`))
        turn('after this one')
        await until('it no longer shows an expansion', () => !isLeft())
        t.match(world.claim()?.status, { capacity: { storage }, allocatedResources: { storage } })
        t.strictSame(world.claim()?.status?.conditions, [{ type: 'Unrelated' }], 'other conditions stay')
      }
      onRequest = () => undefined
      world.removeClaim()
      world.release(volume)
      await until('it is gone', () => world.volume() === undefined)
    })

  await t.test('deleted during its creation: nothing is left', async t => {
    for (const [kind, from] of [
      ['persistentvolumeclaims/data', 'its finalizer is set'],
      ['secrets', 'its directory is created'],
      ['persistentvolumes', 'its Secret is created'],
    ]) {
      let isDeleted = false
      onRequest = (method, path) => {
        if (isDeleted || !/^(POST|PATCH)$/.test(method) || !path.endsWith(kind ?? '')) return
        isDeleted = true
        world.removeClaim()
      }
      world.newClaim()
      await until('it is deleted', () => isDeleted)
      await until('the claim has disappeared', () => world.claim() === undefined)
      const volume = world.volume()
      if (volume) world.release(volume)
      await until('the volume is deleted', () => world.volume() === undefined)
      t.strictSame(await left(), NOTHING_LEFT, `deleted before ${from}`)
    }
    onRequest = () => undefined
  })

  await t.test('an existing Secret of others is left alone and reported', async t => {
    const uid = 'aaaaaaaa-0000-4000-8000-00000000000a'
    const name = `ceph-kubernetes-dynamic-user-${uid}-secret`
    const path = `/api/v1/namespaces/apps/secrets/${name}`
    world.put(path, { metadata: { name, namespace: 'apps' }, type: 'Opaque', data: { key: base64(KEY) } })
    world.newClaim({}, uid)
    await event('ProvisioningFailed', /^ENOTOURS: the Secret apps\/ceph-kubernetes-dynamic-user/)
    t.equal(world.volume(), undefined, 'no volume is published')
    world.removeClaim()
    await until('the created parts are removed', () => world.claim() === undefined)
    t.match(world.objects.get(path), { data: { key: base64(KEY) } }, 'the Secret is unchanged')
    world.remove(path)
    t.strictSame(await left(), NOTHING_LEFT)
  })

  await t.test('an unsupported claim, and one that succeeds later', async t => {
    world.newClaim({ selector: {} })
    await event('ProvisioningFailed', /selector/)
    world.removeClaim()
    const secret = world.objects.get('/api/v1/namespaces/apps/secrets/admin')
    world.put('/api/v1/namespaces/apps/secrets/admin', { ...secret, data: { key: base64(KEY) } } as never)
    // the open session still has the right key: it is opened again only after a failure
    world.newClaim()
    const volume = await until('its volume', () => world.volume())
    world.bind(volume)
    await world.kill('SIGTERM')
    world.removeClaim()
    world.release(volume)
    world.start()
    await event('VolumeFailedDelete', /^E(REFUSED|NOANSWER): /)
    world.put('/api/v1/namespaces/apps/secrets/admin', secret as never)
    await until('it is deleted as soon as the key is right', () => world.volume() === undefined, 120)
    t.strictSame(await left(), NOTHING_LEFT)
  })

  await t.test('the user of a namespace', async t => {
    const path = '/apis/storage.k8s.io/v1/storageclasses/fast'
    const old = world.objects.get(path) as unknown as { parameters: object }
    world.put(path, { ...old, parameters: { ...old.parameters, userPer: 'namespace' } } as never)
    const made = async () => {
      world.newClaim()
      const volume = await until('its volume', () => world.volume())
      await until('the claim has no finalizer', () => world.claim()?.metadata.finalizers?.length === 0)
      world.bind(volume)
      return volume
    }
    const end = async (volume: PersistentVolume) => {
      world.removeClaim()
      world.release(volume)
      await until('the volume is deleted', () => world.volume() === undefined)
    }
    const userOf = ({ spec }: PersistentVolume) => spec.flexVolume?.options?.['user']
    world.setNamespace()
    const first = await made()
    world.put(path, old as never)
    world.resize('2Gi')
    await until('it is expanded as it was made', () => world.claim()?.status?.capacity?.['storage'] === '2Gi')
    await end(first)
    t.strictSame(await left(), { ...NOTHING_LEFT, users: 1, directories: 1, secrets: 1 }, 'its user stays')
    world.put(path, { ...old, parameters: { ...old.parameters, userPer: 'namespace' } } as never)
    const secrets: string[] = []
    onRequest = (method, path) => path.includes('/secrets') && secrets.push(method)
    const second = await made()
    onRequest = () => undefined
    t.strictSame(secrets, ['GET'], 'its Secret exists, so it is only read')
    t.equal(userOf(second), userOf(first))
    t.strictSame(await left(), { users: 1, directories: 1, volumes: 1, secrets: 1, claims: 1 })
    await cluster.command({ prefix: 'auth rm', entity: `client.${userOf(second)}` })
    await end(second)
    const third = await made()
    const [{ key = '' } = {}] = (await cluster.command({
      prefix: 'auth get',
      entity: `client.${userOf(third)}`,
    })) as { key?: string }[]
    const { name = '' } = third.spec.flexVolume?.secretRef ?? {}
    const secret = world.objects.get(`/api/v1/namespaces/apps/secrets/${name}`)
    t.match(secret, { data: { key: base64(key) } }, 'a new key reaches the Secret')
    world.setNamespace(true)
    await end(third)
    t.strictSame(await left(), NOTHING_LEFT, 'the namespace is being deleted, and with it its user')
    world.setNamespace()
    const later = await made()
    t.not(userOf(later), userOf(first), 'a later namespace of this name has another user')
    world.setNamespace(true)
    await end(later)
    t.strictSame(await left(), NOTHING_LEFT)
    world.put(path, old as never)
  })

  await t.test('pages, log, end', async t => {
    const [status, metrics] = await page('/metrics')
    t.equal(status, 200)
    t.match(metrics, /^cephflex_controller_leader 1$/m)
    t.strictSame(await page('/healthz'), [200, 'ok\n'])
    t.strictSame(await page('/readyz'), [200, 'ok\n'])
    t.equal(await world.kill('SIGTERM'), 0, 'it ends on SIGTERM')
    t.match(world.objects.get('/apis/coordination.k8s.io/v1/namespaces/apps/leases/cephflex-controller'), {
      spec: { holderIdentity: '' },
    })
    t.strictSame(leaks(world.log(), [cluster.adminKey, KEY]), [], 'no key in its log')
    t.strictSame(leaks(JSON.stringify(world.events()), [cluster.adminKey, KEY]), [])
  })
})
