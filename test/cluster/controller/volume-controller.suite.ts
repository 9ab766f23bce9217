// The controller is killed at the requests that it sends, before or after they were carried out.
import t, { type Test } from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { controllerWorld, leftIn, NOTHING_LEFT, type World } from '../../lab/controller.js'
import { provisionerFor } from '../../lab/provisioning.js'
import { until } from '../../lab/until.js'
import { IS_FULL } from '../../support/is-full.js'

const ONE = { users: 1, directories: 1, volumes: 1, secrets: 1, claims: 1 }

/** Every request for volumes, except watches, whose order varies. */
const isCounted = (method: string, path: string): boolean =>
  /persistentvolume|secret|namespaces\/[^/]+$/.test(path) &&
  !(method === 'GET' && /(claims|volumes)$/.test(path))

type Phase = {
  name: string
  /** Brings the world to the start of the phase; the controller is running. */
  prepare: (world: World) => Promise<void>
  begin: (world: World) => void
  isOver: (world: World) => boolean
  after: typeof ONE
}

const provisioned = async (world: World) => {
  world.newClaim({ resources: { requests: { storage: '16Mi' } } })
  world.bind(await until('its volume', () => world.volume()))
  await until('the claim has no finalizer', () => world.claim()?.metadata.finalizers?.length === 0)
}

const PHASES: readonly Phase[] = [
  {
    name: 'a volume is created',
    prepare: async () => undefined,
    begin: world => world.newClaim({ resources: { requests: { storage: '16Mi' } } }),
    isOver: world => world.volume() !== undefined && world.claim()?.metadata.finalizers?.length === 0,
    after: ONE,
  },
  {
    name: 'a volume is expanded',
    prepare: provisioned,
    begin: world => world.resize('32Mi'),
    isOver: world =>
      world.claim()?.status?.capacity?.['storage'] === '32Mi' &&
      world.volume()?.spec.capacity?.['storage'] === '32Mi',
    after: ONE,
  },
  {
    name: 'a volume is deleted',
    prepare: provisioned,
    begin: world => {
      const volume = world.volume()
      world.removeClaim()
      world.setNamespace(true)
      if (volume) world.release(volume)
    },
    isOver: world => world.volume() === undefined,
    after: NOTHING_LEFT,
  },
]

/** Where the controller is killed: at the n-th request of a phase (0: nowhere), before or after it is carried out. */
type Fault = { at: number; seen: number; isBefore: boolean }

const interrupter =
  (fault: Fault, killNow: () => void) =>
  (method: string, path: string): boolean => {
    if (fault.at === 0 || !isCounted(method, path)) return true
    fault.seen += 1
    if (fault.seen !== fault.at) return true
    killNow()
    return !fault.isBefore
  }

const CLASS = '/apis/storage.k8s.io/v1/storageclasses/fast'

const useParameters = (world: World, more: object) => {
  const old = world.objects.get(CLASS) as unknown as { parameters: object }
  world.put(CLASS, { ...old, parameters: { ...old.parameters, ...more } } as never)
}

const cleanUp = async (world: World) => {
  const volume = world.volume()
  world.removeClaim()
  world.setNamespace(true)
  if (volume) world.release(volume)
  await until('everything is deleted', () => world.volume() === undefined && world.claim() === undefined)
}

/** The controller runs before and afterwards. @returns whether it reached the request and was killed. */
const runPhase = async (world: World, phase: Phase, fault: Fault, at: number): Promise<boolean> => {
  world.setNamespace()
  await phase.prepare(world)
  Object.assign(fault, { at, seen: 0 })
  phase.begin(world)
  await until(`${phase.name}, or it is killed`, () => fault.seen >= at || phase.isOver(world))
  const wasKilled = fault.seen >= at
  fault.at = 0
  if (wasKilled) {
    await world.kill()
    world.start()
  }
  await until(`${phase.name} in the end`, () => phase.isOver(world))
  return wasKilled
}

type Site = { world: World; phase: Phase; fault: Fault; left: () => Promise<typeof ONE> }

/**
 * Kills the controller later and later, until a phase ends: before every second request, or after the others. `test:soak`
 * does both to each.
 */
const killEverywhere = async (t: Test, { world, phase, fault, left }: Site): Promise<void> => {
  const when = fault.isBefore ? 'before' : 'after'
  const step = IS_FULL ? 1 : 2
  let at = fault.isBefore || IS_FULL ? 1 - step : 2 - step
  let wasKilled = true
  while (wasKilled) {
    at += step
    wasKilled = await runPhase(world, phase, fault, at)
    t.strictSame(await left(), phase.after, `${phase.name}, killed ${when} request ${at}: ${wasKilled}`)
    await cleanUp(world)
    t.strictSame(await left(), NOTHING_LEFT, 'and then nothing is left')
  }
  t.ok(at > 3, `${phase.name}: ${at - 1} requests`)
}

// they mostly wait for the cluster, so each has its own and they run at once
t.jobs = 3

// before the first request is answered, the backend does not matter
for (const [backend, userPer, isBefore] of [
  ['directory', 'volume', true],
  ['directory', 'volume', false],
  ['subvolume', 'volume', false],
  ['directory', 'namespace', true],
  ['directory', 'namespace', false],
] as const)
  t.test(`killed ${isBefore ? 'before' : 'after'} requests: ${backend}, user per ${userPer}`, async t => {
    const cluster = await startCluster(t, { mgr: true })
    const fault: Fault = { at: 0, seen: 0, isBefore }
    const world: World = await controllerWorld(
      t,
      cluster,
      interrupter(fault, () => world.killNow()),
    )
    const claimRoot = `/volumes/${backend}`
    const provisioner = await provisionerFor(t, cluster, { backend, claimRoot })
    useParameters(world, { backend, claimRoot, userPer })
    const left = () => leftIn(world, cluster, provisioner)
    world.start()
    for (const phase of PHASES) await killEverywhere(t, { world, phase, fault, left })
  })
