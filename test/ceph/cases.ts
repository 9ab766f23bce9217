import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import type { Test } from 'tap'
import { FUSE_OPTIONS, GENERIC_OPTIONS, type OptionRow } from '../../src/core/mount-options/option-table.js'
import { takes } from '../../src/core/mounters/fuse-releases.js'
import { misjudged } from '../lab/caps.js'
import type { CephRelease } from '../lab/ceph/release.js'
import type { TestCluster } from '../lab/cluster.js'
import { makeNode, NOTHING, type TestNode } from '../lab/node.js'
import { signal } from '../lab/signal.js'
import { base64, KEY } from '../support/volumes.js'

const LINGER_MS = 30_000
/** Caps of each service that the monitors judge: 100 need about a second. */
const CAPS_TEXTS = 300
/** The limit of a call: its deadline plus 2 s. Servers of 20.2 let a refused client wait for most of it. */
const CALL_MS = 22_000

/** Every case with one ceph-fuse against one cluster. @param server the major release of the cluster. */
export async function runCases(
  t: Test,
  release: CephRelease,
  cluster: TestCluster,
  server: number,
): Promise<void> {
  const lab = await makeLab(t, release, cluster, server)
  for (const [title, run] of Object.entries(CASES)) await t.test(title, t => run(t, lab))
}

type Options = Record<string, string>
type Lab = {
  release: CephRelease
  cluster: TestCluster
  /** The major release of the cluster. */
  server: number
  node: TestNode
  /** Options of a volume of the admin: the whole default file system. */
  admin: Options
  /** Mounts, and checks the mount table. @returns the target. */
  mounted: (t: Test, options: Options, name?: string) => Promise<string>
  unmounted: (t: Test, target: string) => Promise<void>
  /** The arguments of the ceph-fuse that serves a target. */
  /** The running client. @throws Error without one: a signal to pid 0 would end the tests. */
  client: () => { pid: number; argv: string[] }
}

/** All cases by title. They run one after the other on one node. */
const CASES: Readonly<Record<string, (t: Test, lab: Lab) => Promise<void>>> = {
  'the admin': (t, lab) => roundTrip(t, lab, lab.admin),
  'the second protocol': (t, lab) => roundTrip(t, lab, { ...lab.admin, monitors: lab.cluster.monitorsV2 }),
  'the user of one directory is passed to ceph-fuse': async (t, lab) => {
    const options = await restrictedUser(lab, 'web', '/volumes/web')
    const target = await lab.mounted(t, options)
    const { argv } = lab.client()
    t.equal(argv[argv.indexOf('--id') + 1], 'web', 'as --id; otherwise it would use client.admin')
    t.notMatch(argv.join(' '), lab.cluster.adminKey, 'without a key')
    await lab.unmounted(t, target)
    await refused(t, lab, { ...options, path: '/' }, /^EDENIED: client\.web is not allowed to mount \/;/)
  },
  'a path with a "-" in quoted caps': async (t, lab) => {
    const options = await restrictedUser(lab, 'dash', '/volumes/a-b/c-d')
    const [entry] = (await lab.cluster.command({ prefix: 'auth get', entity: 'client.dash' })) as [
      { caps: Record<string, string> },
    ]
    t.equal(entry.caps['mds'], 'allow rw path="/volumes/a-b/c-d"', 'the cluster keeps the quotes')
    await roundTrip(t, lab, options)
  },
  'a user of "fs authorize"': async (t, lab) => {
    await lab.cluster.mkdir('/authorized')
    const answer = (await lab.cluster.command({
      prefix: 'fs authorize',
      filesystem: 'cephfs',
      entity: 'client.authorized',
      caps: ['/authorized', 'rw'],
    })) as { key?: string }[] | string
    const key = typeof answer === 'string' ? /key = (\S+)/.exec(answer)?.[1] : answer[0]?.key
    await roundTrip(t, lab, {
      ...lab.admin,
      user: 'authorized',
      path: '/authorized',
      'kubernetes.io/secret/key': base64(key ?? ''),
    })
  },
  'caps are parsed as the servers of this release do': async (t, { cluster, server }) => {
    t.strictSame(await misjudged(cluster, server, CAPS_TEXTS), [])
  },
  'a wrong key': async (t, lab) => {
    const wrong = { ...lab.admin, 'kubernetes.io/secret/key': base64(KEY) }
    const refusal = /^EREFUSED: the cluster refused the key of client\.admin;/
    await refused(t, lab, { ...wrong, monitors: lab.cluster.monitorsV2 }, refusal)
    // servers of 20.2 sometimes drop such a client of the first protocol, which may end before it gets the refusal
    const silent = /^ENOANSWER: every monitor accepts connections;/
    const message = lab.server >= 20 ? new RegExp(`${refusal.source}|${silent.source}`) : refusal
    await refused(t, lab, wrong, message, { withinMs: 25_000 })
  },
  'a path that does not exist': (t, lab) =>
    refused(t, lab, { ...lab.admin, path: '/no/such' }, /^ENOPATH: \/no\/such does not exist;/),
  'a path that is a file': async (t, lab) => {
    await lab.cluster.writeFile('/file', 'text')
    await refused(t, lab, { ...lab.admin, path: '/file' }, /^ENOTDIR: \/file /)
    const begin = performance.now()
    await lab.cluster.mkdir('/after')
    t.ok(performance.now() - begin < 15_000, 'the client has closed its session: nothing waits for its caps')
  },
  'the second file system, with the option that this release supports': async (t, lab) => {
    await lab.cluster.mkdir('/only-in-the-first')
    const target = await lab.mounted(t, { ...lab.admin, fsName: 'second' })
    t.throws(() => statSync(`${target}/only-in-the-first`), { code: 'ENOENT' }, 'it is another file system')
    const flag = lab.release.major < 16 ? '--client_mds_namespace=second' : '--client_fs=second'
    t.ok(lab.client().argv.includes(flag), flag)
    await lab.unmounted(t, target)
    await refused(t, lab, { ...lab.admin, fsName: 'nofs' }, /^ENOFS: there is no file system nofs;/)
  },
  'every allowed option is accepted by this release, or refused by name': async (t, lab) => {
    const { major } = lab.release
    const taken = FUSE_OPTIONS.filter(({ name }) => takes(major, name))
    const lists = {
      // readOnly has its own case, and an SELinux label needs a node with SELinux
      mountOptions: GENERIC_OPTIONS.filter(({ name }) => name !== 'ro' && !name.endsWith('context'))
        .map(exampleOf)
        .join(),
      fuseOptions: taken.map(exampleOf).join(),
    }
    await roundTrip(t, lab, { ...lab.admin, ...lists })
    for (const row of FUSE_OPTIONS.filter(({ name }) => !takes(major, name)))
      await refused(
        t,
        lab,
        { ...lab.admin, fuseOptions: exampleOf(row) },
        new RegExp(`^EOPTION: ceph-fuse ${major} on this node does not support ${row.name}`),
      )
  },
  'read-only, also in the mount table': async (t, lab) => {
    const target = await lab.mounted(t, {
      ...lab.admin,
      mountOptions: 'noexec,noatime',
      'kubernetes.io/readwrite': 'ro',
    })
    const [entry] = lab.node.mountsOn(target)
    for (const option of ['ro', 'nosuid', 'nodev', 'noexec', 'noatime'])
      t.ok(entry?.options.includes(option), option)
    t.throws(() => writeFileSync(`${target}/x`, ''), { code: 'EROFS' })
    await lab.unmounted(t, target)
  },
  'a quota is the size': async (t, lab) => {
    await lab.cluster.mkdir('/quota', { quotaBytes: 1 << 30 })
    const target = await lab.mounted(t, { ...lab.admin, path: '/quota' })
    const size = execFileSync('df', ['--output=size', '-B1', target], { timeout: 20_000 }).toString()
    t.equal(Number(size.split('\n')[1]), 1 << 30)
    await lab.unmounted(t, target)
  },
  'no monitor': (t, lab) =>
    refused(
      t,
      lab,
      { ...lab.admin, monitors: 'v1:127.0.0.1:1', timeoutSeconds: '6' },
      /^ENOANSWER: .*127\.0\.0\.1:1 refused/,
      { withinMs: 10_000 },
    ),
  'a monitor that hangs': async (t, lab) => {
    await lab.cluster.ctl('mon', 'pause')
    await refused(t, lab, { ...lab.admin, timeoutSeconds: '6' }, /^E(?:NOANSWER|TIMEOUT): /, {
      withinMs: 12_000,
    })
    await lab.cluster.ctl('mon', 'resume')
    await sleep(1_000)
    t.strictSame(lab.node.leftovers(), NOTHING, 'nothing is mounted later')
  },
  'a target with files of the node, which newer releases would cover': async (t, lab) => {
    const target = lab.node.target('full')
    mkdirSync(`${target}/local`)
    await refused(t, lab, lab.admin, /^ENOTEMPTY: .* contains local\./, { target })
  },
  'a second call changes nothing': async (t, lab) => {
    const target = await lab.mounted(t, lab.admin)
    const [before] = lab.node.mountsOn(target)
    t.strictSame((await lab.node.mount(target, lab.admin)).reply, { status: 'Success' })
    t.strictSame(lab.node.mountsOn(target), [before], 'it is the same mount')
    await lab.unmounted(t, target)
    await lab.unmounted(t, target)
  },
  'a mount in use is not unmounted': async (t, lab) => {
    const target = await lab.mounted(t, lab.admin)
    const holder = execa('sleep', ['60'], { cwd: target, reject: false })
    const { reply } = await lab.node.unmount(target)
    t.match(reply, { status: 'Failure', message: `EBUSY: ${target} is in use by ${holder.pid} (sleep)` })
    t.ok(statSync(target).isDirectory(), 'and the mount still works')
    holder.kill('SIGKILL')
    await holder
    await lab.unmounted(t, target)
  },
  'a killed ceph-fuse is replaced, and unmounted': async (t, lab) => {
    await lab.cluster.mkdir('/killed')
    const options = { ...lab.admin, path: '/killed' }
    const target = await lab.mounted(t, options)
    const kill = () => signal(lab.client().pid, 'SIGKILL')
    kill()
    t.throws(() => statSync(target), 'it is dead')
    t.strictSame((await lab.node.mount(target, options)).reply, { status: 'Success' })
    t.ok(statSync(target).isDirectory(), 'the next call mounts it again')
    kill()
    await lab.unmounted(t, target)
  },
}

async function makeLab(t: Test, release: CephRelease, cluster: TestCluster, server: number): Promise<Lab> {
  const node = makeNode(t, { searchPath: release.searchPath })
  await release.share(t, node.dir)
  return {
    release,
    cluster,
    server,
    node,
    admin: {
      monitors: cluster.monitors,
      mounter: 'fuse',
      'kubernetes.io/secret/key': base64(cluster.adminKey),
    },
    mounted: async (t, options, name) => {
      const target = node.target(name)
      const { reply } = await node.mount(target, options)
      t.strictSame(reply, { status: 'Success' }, 'mounts')
      t.match(node.mountsOn(target), [{ fsType: 'fuse.ceph-fuse' }], 'it is in the mount table once')
      // a case must not write to this machine's own disk
      if (node.mountsOn(target).length === 0) throw new Error(`not mounted: ${reply.message}`)
      return target
    },
    unmounted: async (t, target) => {
      t.strictSame((await node.unmount(target)).reply, { status: 'Success' }, 'unmounts')
      t.strictSame(node.mountsOn(target), [])
      // a slow cluster lets its client wait; the driver does not wait
      t.strictSame(await node.settled(LINGER_MS), NOTHING, 'leaves nothing')
    },
    client: () => {
      const pid = node.clientState()?.process?.pid
      if (pid === undefined) throw new Error('no client runs')
      return { pid, argv: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1) }
    },
  }
}

/** Mounts, writes and reads as a pod would, unmounts. */
async function roundTrip(t: Test, { mounted, unmounted }: Lab, options: Options) {
  const target = await mounted(t, options)
  writeFileSync(`${target}/proof`, 'written')
  t.equal(readFileSync(`${target}/proof`, 'utf8'), 'written', 'a pod can write and read')
  await unmounted(t, target)
}

async function restrictedUser({ cluster, admin }: Lab, user: string, path: string): Promise<Options> {
  await cluster.mkdir(path)
  const key = await cluster.addUser(user, { mds: `allow rw path="${path}"`, mon: 'allow r', osd: 'allow rw' })
  return { ...admin, user, path, 'kubernetes.io/secret/key': base64(key) }
}

async function refused(
  t: Test,
  { node }: Lab,
  options: Options,
  message: RegExp,
  { withinMs = CALL_MS, target = node.target() } = {},
) {
  const { reply, ms } = await node.mount(target, options)
  t.equal(reply.status, 'Failure')
  t.match(reply.message, message)
  t.ok(ms < withinMs, `answers in time: ${Math.round(ms)} ms`)
  t.strictSame(await node.settled(), NOTHING, 'leaves nothing')
}

function exampleOf({ name, value }: OptionRow): string {
  const examples = value ? ['131072', 'true', 'posix_acl', '.snapshots'] : []
  const fitting = examples.find(example => value?.pattern.test(example))
  return fitting === undefined ? name : `${name}=${fitting}`
}
