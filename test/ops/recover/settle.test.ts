import t from 'tap'
import { CephflexError } from '../../../src/core/errors.js'
import { Secret } from '../../../src/core/secret.js'
import { identityOf, type MountState, recipeOf } from '../../../src/core/target/state.js'
import { nodeStatus } from '../../../src/ops/node/status.js'
import { makeLook } from '../../../src/ops/recover/look.js'
import { reapOrphans } from '../../../src/ops/recover/reap.js'
import { recoverMounts } from '../../../src/ops/recover/recover.js'
import { keepKey } from '../../../src/ops/target/kept-key.js'
import { targetFiles } from '../../../src/ops/target/target-files.js'
import { BOOT, type fakeSystem, mountLine, type Script } from '../../support/fake-system.js'
import { nodeWith, recordOf as recordAt } from '../../support/mounting.js'
import { KEY, volume } from '../../support/volumes.js'

type Fake = ReturnType<typeof fakeSystem>

const TARGET = '/var/lib/kubelet/pods/u1/volumes/cephflex~cephfs/data'

const TREE = Object.fromEntries(
  ['/run/cephflex', '/run/cephflex/state', TARGET].flatMap(path =>
    path
      .split('/')
      .flatMap((_, i, names) => (i === 0 ? [] : [[names.slice(0, i + 1).join('/'), 'directory' as const]])),
  ),
)

/** A node with the state and the key of a mount call that has not ended. */
const unfinished = (script?: Script, hasEnded = false): Fake => {
  const fake = nodeWith(script, { tree: { ...TREE }, config: { recovery: true } })
  const files = targetFiles(fake.system, TARGET, 9)
  const options = volume({ fsGroupPolicy: 'root', fsGroup: 7 })
  const state: MountState = {
    ...{ version: 1, bootId: BOOT, target: TARGET, client: 'fuse', made: [], pod: {} },
    ...{ volume: identityOf(options), recipe: recipeOf(options), mountedAt: '2026-11-23T06:01:25.219Z' },
    ...{ adminSocket: files.adminSocket, logFile: files.logFile },
    ...(hasEnded ? {} : { unfinished: true }),
  }
  fake.tree.set(files.state, { text: JSON.stringify(state) })
  keepKey(fake.system, files, new Secret(KEY))
  return fake
}
const recordOf = (fake: Fake) => recordAt(fake, TARGET)
const recover = ({ system }: Fake, dryRun = false) => recoverMounts(system, { dryRun })
const reap = ({ system }: Fake, dryRun = false) => reapOrphans(system, { dryRun, podLogs: '/var/log/pods' })

t.test('a mount that was never made is no mount', async t => {
  for (const [what, settle] of Object.entries({ recover, reap })) {
    const fake = unfinished()
    t.strictSame(await nodeStatus(fake.system), [], 'status does not list it')
    t.strictSame(await settle(fake, true), [], `${what} --dry-run neither`)
    t.match(recordOf(fake), { state: { unfinished: true }, hasKey: true })
    t.strictSame(await settle(fake), [], `${what} does not mount it`)
    t.strictSame(recordOf(fake), { state: undefined, hasKey: false }, 'but removes its state and its key')
    t.notOk(fake.commands().some(command => /^(ceph-fuse|mount) /.test(command)))
  }
  const gone = unfinished(undefined, true)
  t.match(await nodeStatus(gone.system), [{ target: TARGET, health: 'gone' }], 'a finished one is gone')
  t.match(await recover(gone, true), [{ was: 'gone', outcome: 'needed' }], 'and is made again')
})

t.test('a mount that answers is finished', async t => {
  const fake = unfinished(program => (program === 'stat' ? { stdout: 'directory\n' } : {}))
  fake.table.push(mountLine(TARGET, 'fuse.ceph-fuse'))
  const { adminSocket } = targetFiles(fake.system, TARGET, 9)
  const argv = ['ceph-fuse', `--admin-socket=${adminSocket}`]
  fake.running.push({ name: 'ceph-fuse', state: 'S', group: 84, pid: 84, startTime: '5', argv })
  t.strictSame(await makeLook(fake.system)(), [TARGET], 'a look notices it')
  t.strictSame(await recover(fake), [], 'it was not lost')
  t.match(recordOf(fake), { state: { unfinished: undefined, process: { pid: 84 } }, hasKey: true })
  const [chgrp, chmod] = fake.commands()
  t.match([chgrp, chmod], [`chgrp 7 -- ${TARGET}`, `chmod g+rwxs -- ${TARGET}`], 'its group gets it')
  t.strictSame(await makeLook(fake.system)(), [], 'and it is like any other')
})

t.test('a mount that answers and cannot be finished is reported', async t => {
  const fake = unfinished(program =>
    program === 'stat'
      ? { stdout: 'directory\n' }
      : program === 'chgrp'
        ? { exitCode: 1, stderr: 'chgrp: Operation not permitted' }
        : {},
  )
  fake.table.push(mountLine(TARGET, 'fuse.ceph-fuse'))
  t.match(await recover(fake), [
    { target: TARGET, was: 'unfinished', outcome: 'failed', code: 'EFSGROUP', hint: String },
  ])
  t.match(recordOf(fake), { state: { unfinished: true }, hasKey: true }, 'it stays for the next call')
})

t.test('a dead one stays, and can be recovered', async t => {
  const dead: Script = program =>
    program === 'stat' ? { exitCode: 1, stderr: 'stat: Transport endpoint is not connected' } : {}
  const fake = unfinished(dead)
  fake.table.push(mountLine(TARGET, 'fuse.ceph-fuse'))
  t.match(await recover(fake, true), [{ was: 'dead', outcome: 'needed' }])
  t.strictSame(await makeLook(fake.system)(), [TARGET], 'a look notices it')
  t.match(await reap(fake), [{ outcome: 'kept' }], 'reap leaves it to its pod')
  t.match(recordOf(fake), { state: { unfinished: true }, hasKey: true })
})

t.test('a call that still works is left alone', async t => {
  const fake = unfinished()
  fake.system.lock = async () => {
    throw new CephflexError('ELOCKED', 'it works on this target')
  }
  t.strictSame(await recover(fake), [])
  t.match(recordOf(fake), { state: { unfinished: true }, hasKey: true })
  t.strictSame(fake.events, [], 'without a word')
})

t.test('a recovery is not finished until its mount covers the lost one', async t => {
  let isBound = false
  const seen: unknown[] = []
  const notConnected = { exitCode: 1, stderr: 'stat: Transport endpoint is not connected' }
  const programs: Record<string, Script> = {
    stat: (_, argv) => (argv.includes(TARGET) && !isBound ? notConnected : { stdout: 'directory\n' }),
    'ceph-fuse': (_, argv) => {
      fake.table.push(mountLine(argv[argv.indexOf('-r') - 1] ?? '', 'fuse.ceph-fuse', 7))
      return {}
    },
    mount: () => {
      seen.push(recordOf(fake).state)
      fake.table.push(mountLine(TARGET, 'fuse.ceph-fuse', 7))
      isBound = true
      return {}
    },
  }
  const fake: Fake = unfinished((...call) => programs[call[0]]?.(...call) ?? {}, true)
  fake.table.push('27 1 8:1 / / rw shared:1 - ext4 source rw', mountLine(TARGET, 'fuse.ceph-fuse'))
  t.match(await recover(fake), [{ was: 'dead', outcome: 'recovered' }])
  t.match(seen, [{ unfinished: true, recovered: true }])
  t.match(recordOf(fake).state, { unfinished: undefined, recovered: true })
})
