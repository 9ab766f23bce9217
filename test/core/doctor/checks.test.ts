import t from 'tap'
import { type CheckResult, exitCodeOf, isChosen } from '../../../src/core/doctor/check.js'
import {
  type ClusterProbe,
  checkCluster,
  type MonitorFact,
  type ProofFact,
} from '../../../src/core/doctor/cluster.js'
import { NODE_CHECKS } from '../../../src/core/doctor/node.js'
import type { NodeFacts } from '../../../src/core/doctor/node-facts.js'

/** A healthy node. Tests change what they cannot cause on a real node. */
const GOOD: NodeFacts = {
  isRoot: true,
  configProblem: undefined,
  clients: {
    fuse: '/usr/bin/ceph-fuse',
    fuseVersion: '16.2.15',
    fuseHelper: '/sbin/mount.fuse.ceph',
    deviceProblem: undefined,
    inContainer: false,
    fusectl: true,
    kernelRelease: '6.1.0',
    moduleLoaded: false,
    moduleAvailable: true,
    mountCeph: '/sbin/mount.ceph',
  },
  programs: [{ name: 'umount', path: '/usr/bin/umount', need: 'always', uses: 'every unmount' }],
  scope: 'works',
  libc: '2.36',
  engine: { id: 'bun', name: 'Bun 1.4.5', pageSize: 4096, installed: [] },
  clock: { nowMs: 2e12, builtMs: 1e12, synchronised: true },
  kubelet: { pid: 7, version: 'Kubernetes v1.30.0', rootDir: '/var/lib/kubelet' },
  propagation: { reaches: true, why: 'the same mount namespace' },
  plugin: {
    directory: '/p',
    foundBy: 'the default',
    exists: true,
    writable: true,
    drivers: [{ path: '/p/a~b/b', answers: true, seen: true }],
  },
  directories: {
    run: { directory: '/run/cephflex', problem: undefined },
    log: { directory: '/var/log/cephflex', problem: undefined },
  },
  keyrings: { problem: undefined, stale: [] },
  mounts: [{ target: '/t', health: 'healthy' }],
  orphans: { states: [], daemons: [], unused: [] },
}

const judge = (id: string, changes: Partial<NodeFacts>) => NODE_CHECKS[id]?.({ ...GOOD, ...changes })
const clients = (changes: Partial<NodeFacts['clients']>) => ({ clients: { ...GOOD.clients, ...changes } })

t.test('a healthy node', async t => {
  for (const [id, check] of Object.entries(NODE_CHECKS)) t.equal(check(GOOD).status, 'pass', id)
})

t.test('a node with the kernel client only, as Debian on arm64 has it', async t => {
  const arm = clients({
    fuse: undefined,
    fuseVersion: undefined,
    fuseHelper: undefined,
    fusectl: false,
    moduleLoaded: true,
  })
  for (const [id, check] of Object.entries(NODE_CHECKS)) {
    const { status, message } = check({ ...GOOD, ...arm })
    t.ok(status === 'pass' || status === 'skip', `${id}: ${status}: ${message}`)
  }
  t.match(judge('client', arm), { status: 'pass', message: /^the kernel client can be used/ })
  t.match(judge('mount.ceph', clients({ mountCeph: undefined })), { status: 'warn', fix: /ceph-common/ })
})

t.test('a container whose device rules are not those of the kubelet', async t => {
  const hidden = { deviceProblem: 'EPERM', inContainer: true, moduleAvailable: false }
  for (const [id, check] of Object.entries(NODE_CHECKS))
    t.match(check({ ...GOOD, ...clients(hidden), scope: 'untried' }).status, /pass|skip/, id)
  t.match(judge('client', clients({ ...hidden, moduleAvailable: true })), { status: 'pass' })
  t.match(judge('client', clients({ ...hidden, fuse: undefined })), { status: 'fail' })
  t.match(judge('/dev/fuse', clients({ ...hidden, deviceProblem: 'ENOENT' })), { status: 'fail' })
  t.match(judge('/dev/fuse', clients({ ...hidden, inContainer: false })), { status: 'fail' })
})

t.test('results that need another machine', async t => {
  t.match(judge('systemd-scope', { scope: 'fails' }), { status: 'warn', message: /every ceph-fuse/ })
  t.match(judge('systemd-scope', { scope: 'none' }), { status: 'skip' })
  const node = { id: 'node', name: 'Node.js 24.21.0', pageSize: 4096, installed: [] } as const
  t.match(judge('glibc', { libc: '2.27', engine: node }), {
    status: 'fail',
    message: 'glibc 2.27 is older than 2.28',
  })
  t.match(judge('glibc', { libc: '2.28', engine: node }), { status: 'pass' })
  t.match(judge('glibc', { libc: '2.17' }), { status: 'pass' }, 'Bun needs less')
  t.match(judge('glibc', { libc: '2.16' }), { status: 'fail', message: 'glibc 2.16 is older than 2.17' })
  t.match(judge('engine', {}), { message: /^Bun 1\.4\.5 runs this program/ })
  t.match(judge('engine', { engine: node }), { message: /^Node\.js 24\.21\.0 .*--engine bun/ })
  t.match(judge('engine', { engine: { ...node, pageSize: 65_536 } }), {
    message: /pages of 64K.*Bun does not work/,
  })
  const installed = [{ driver: 'cephflex/cephfs', engine: 'bun', why: '--engine bun was given' }]
  t.match(judge('engine', { engine: { ...node, installed } }), {
    message:
      'Node.js 24.21.0 runs this program; cephflex/cephfs was installed with bun: --engine bun was given',
  })
  t.match(judge('glibc', { libc: '3.0' }), { status: 'pass' })
  t.match(judge('clock', { clock: { ...GOOD.clock, synchronised: false } }), {
    status: 'warn',
    fix: /set-ntp/,
  })
  t.match(judge('clock', { clock: { ...GOOD.clock, synchronised: undefined } }), { status: 'pass' })
  t.match(judge('kernel-module', clients({ moduleAvailable: false })), { status: 'skip' })
  t.match(judge('kernel-module', clients({ moduleAvailable: false, fuse: undefined })), { status: 'fail' })
  const many = [1, 2, 3, 4, 5].map(n => ({ target: `/t${n}`, health: 'evicted' as const }))
  t.match(judge('mounts', { mounts: many }), {
    status: 'fail',
    message: /5 mounts of 5 .*evicted\) and 2 more/,
  })
  t.match(judge('mounts', { mounts: [] }), { status: 'pass', message: 'no volume is mounted' })
  t.match(
    judge('orphans', {
      orphans: {
        states: [{ target: '/t' }],
        daemons: [{ pid: 9, target: '/t', stopped: false }],
        unused: [],
      },
    }),
    {
      status: 'warn',
      message: /ceph-fuse 9 is still running without/,
      fix: 'cephflex unmount /t; kill 9 if no pod uses it: grep -l fuse.ceph-fuse /proc/[0-9]*/mountinfo',
    },
  )
  t.match(
    judge('orphans', {
      orphans: { states: [], daemons: [], unused: [{ pid: 8, path: '/run/c', heldBy: undefined }] },
    }),
    { status: 'warn', message: 'the client 8 mounted on /run/c serves no pod', fix: 'cephflex reap' },
  )
  t.match(judge('root', { isRoot: false }), { status: 'fail' })
  t.match(
    judge('mounts', { mounts: [{ target: '/t', health: 'unknown' }] }),
    { status: 'warn', message: /^1 mount of 1 could not be checked, which says nothing about it: \/t$/ },
    'what could not be checked is not broken',
  )
  const missing = (need: 'always' | 'client' | 'sometimes') =>
    judge('programs', { programs: [{ name: 'stat', path: undefined, need, uses: 'every mount' }] })
  t.match(missing('always'), {
    status: 'fail',
    code: 'ENOTOOL',
    message: /^not installed: stat, for every mount/,
  })
  t.match(missing('sometimes'), { status: 'warn' })
  t.match(missing('client'), { status: 'pass', message: /stat \(missing\)/ }, 'another check reports it')
  const propagation = { reaches: false, why: '/var/lib/kubelet is private' }
  t.match(judge('propagation', { propagation }), { status: 'fail', code: 'EHIDDEN', fix: /rshared/ })
  t.match(judge('propagation', { propagation: { ...propagation, reaches: undefined } }), { status: 'skip' })
  t.match(judge('propagation', { propagation: undefined }), { status: 'skip' })
  t.match(judge('propagation', { mounts: [{ target: '/t', health: 'hidden' }] }), {
    status: 'fail',
    message: /does not see \/t$/,
  })
  const unseen = { ...GOOD.plugin, drivers: [{ path: '/p/a~b/b', answers: true, seen: false }] }
  t.match(judge('driver', { plugin: unseen }), {
    status: 'fail',
    message: /kubelet does not see \/p\/a~b\/b/,
  })
})

const MONITOR: MonitorFact = {
  host: 'fd00::1',
  port: 6789,
  protocol: 'v1',
  isGuess: false,
  problem: undefined,
  banner: 'v1',
  ms: 1,
}
const PROOF: ProofFact = {
  code: undefined,
  message: 'refused',
  client: 'fuse',
  quotaBytes: 0,
  sizeBytes: 1,
  ms: 30,
}
const cluster = (proof: Partial<ProofFact> = {}, changes: Partial<ClusterProbe> = {}) => {
  const facts = { unresolved: [], monitors: [MONITOR], user: 'web', path: '/a', keyMadeS: 1, nowMs: 1e12 }
  const results = checkCluster({ ...facts, proof: { ...PROOF, ...proof }, ...changes })
  return Object.fromEntries(results.map(result => [result.id, result]))
}

t.test('a cluster', async t => {
  for (const result of Object.values(cluster())) t.equal(result.status, 'pass', result.id)
  t.match(cluster()['monitor:[fd00::1]:6789'], { message: /^\[fd00::1\]:6789 uses v1/ })
  const guessed = { ...MONITOR, protocol: undefined, isGuess: true }
  const both = [guessed, { ...guessed, port: 3300, problem: 'refused', banner: undefined }]
  t.match(
    cluster({}, { monitors: both })['monitor:[fd00::1]:3300'],
    { status: 'skip' },
    'one of two ports is enough',
  )
  t.match(cluster({ code: 'EREFUSED' })['key'], { status: 'fail', message: 'refused' })
  t.match(cluster({ code: 'EOPTION' })['key'], { status: 'skip', message: /EOPTION/ })
  t.match(
    cluster({ code: 'ENOMDS' })['key'],
    { status: 'pass' },
    'the key was accepted before the MDS was missing',
  )
  t.match(cluster({ code: 'ETIMEOUT' })['mds'], { status: 'fail' })
  t.match(cluster({ code: 'ENOTDIR' })['path'], { status: 'fail' })
  t.match(cluster({ code: 'EBLOCKED' })['blocklist'], { status: 'fail' })
  t.match(cluster({ quotaBytes: 1e6, sizeBytes: 1e12 })['quota'], {
    status: 'warn',
    fix: /client_quota=true/,
  })
  t.match(cluster({ quotaBytes: undefined })['quota'], { status: 'skip' })
  t.match(cluster({}, { keyMadeS: 2e9 })['key-clock'], { status: 'warn' })
  t.match(cluster({}, { unresolved: ['a'], monitors: [] })['resolve'], { status: 'fail', code: 'ENOHOST' })
  t.match(cluster({}, { proof: undefined })['mds'], { status: 'skip', message: /--key-file/ })
})

t.test('the exit code', async t => {
  const of = (...list: CheckResult['status'][]) =>
    exitCodeOf(list.map(status => ({ id: 'x', status, message: '' })))
  t.strictSame([of(), of('pass', 'skip'), of('pass', 'warn'), of('warn', 'fail', 'pass')], [0, 0, 1, 2])
  t.ok(isChosen('monitor:10.0.0.1:6789', 'monitor'), 'all monitors at once')
  t.notOk(isChosen('monitors', 'monitor'))
})
