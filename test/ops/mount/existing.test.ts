import t from 'tap'
import { identityOf } from '../../../src/core/target/state.js'
import type { VolumeOptions } from '../../../src/core/volume/volume.js'
import { mountVolume } from '../../../src/ops/mount/mount.js'
import { targetFiles } from '../../../src/ops/target/target-files.js'
import {
  BOOT,
  type FakeProcess,
  fakeSystem,
  mountLine,
  type Node,
  type Script,
} from '../../support/fake-system.js'
import { EMPTY_TARGET, request, TARGET, working } from '../../support/mounting.js'
import { volume } from '../../support/volumes.js'

type Fake = ReturnType<typeof fakeSystem>

const DAEMON: FakeProcess = {
  pid: 77,
  startTime: '5',
  name: 'ceph-fuse',
  state: 'S',
  group: 77,
  argv: ['ceph-fuse', TARGET],
}

/** A node on which a volume is mounted, with its state file. */
const mounted = (
  changes: {
    options?: Partial<VolumeOptions>
    bootId?: string
    daemon?: FakeProcess[]
    types?: string[]
  } = {},
  script?: Script,
  more: Node = {},
): Fake => {
  const { options = {}, bootId = BOOT, daemon = [DAEMON], types = ['fuse.ceph-fuse'] } = changes
  const fake: Fake = fakeSystem({ tree: EMPTY_TARGET, run: working(() => fake, script), ...more })
  fake.running.push(...daemon)
  fake.table.push(...types.map((type, i) => mountLine(TARGET, type, 100 + i)))
  const state = {
    version: 1,
    bootId,
    target: TARGET,
    volume: identityOf(volume(options)),
    client: 'fuse',
    process: { pid: 77, startTime: '5' },
    adminSocket: '/run/cephflex/clients/old.asok',
    logFile: '/var/log/cephflex/old.log',
    made: [],
    pod: {},
  }
  fake.tree.set(targetFiles(fake.system, TARGET, 1).state, { text: JSON.stringify(state) })
  fake.tree.set('/run/cephflex/clients/old.asok', { text: '' })
  return fake
}

t.test('the same volume again', async t => {
  const fake = mounted()
  t.strictSame(await mountVolume(request(), fake.system), { client: 'fuse', already: true })
  t.strictSame(fake.commands(), [], 'a healthy mount of this volume is left alone')
  t.equal(fake.table.length, 1, 'it is not mounted over itself')
})

t.test('mounts that are replaced', async t => {
  const dead = { exitCode: 1, stderr: "stat: cannot statx 'T': Transport endpoint is not connected" }
  let asked = 0
  const deadOnce: Script = program => {
    if (program === 'stat') asked += 1
    return program === 'stat' && asked === 1 ? dead : {}
  }
  const CASES: [what: string, fake: Fake, umounts: number][] = [
    ['a mount of another path', mounted({ options: { path: '/other' } }), 1],
    ['a mount of another user', mounted({ options: { user: 'web' } }), 1],
    ['a read-only mount of a volume that is not', mounted({ options: { readOnly: true } }), 1],
    ['a mount with the state of an earlier boot', mounted({ bootId: 'earlier' }), 1],
    ['a mount whose daemon has ended', mounted({ daemon: [] }), 1],
    [
      'a mount whose daemon pid is now another process',
      mounted({ daemon: [{ ...DAEMON, startTime: '6' }] }),
      1,
    ],
    ['a mount whose client is dead', mounted({}, deadOnce), 1],
    ['stacked mounts', mounted({ types: ['fuse.ceph-fuse', 'ceph', 'fuse.ceph-fuse'] }), 3],
  ]
  for (const [what, fake, umounts] of CASES) {
    t.strictSame(
      await mountVolume(request(), fake.system),
      { client: 'fuse', already: false },
      `replaced: ${what}`,
    )
    const commands = fake.commands().map(line => line.split(' ')[0])
    t.strictSame(
      commands,
      [...new Array(umounts).fill('umount'), 'ceph-fuse'],
      `${what}: all of it is unmounted first`,
    )
    t.equal(fake.table.length, 1, `${what}: there is one mount afterwards`)
    if (!what.includes('boot'))
      t.notOk(fake.tree.has('/run/cephflex/clients/old.asok'), `${what}: the files of its client are removed`)
  }
})

t.test('a mount of another volume that is in use', async t => {
  const busy: Script = (program, argv) =>
    program === 'umount' && !argv.includes('-l') ? { exitCode: 32, stderr: 'umount: target is busy.' } : {}
  const fake = mounted({ options: { path: '/other' } }, busy)
  t.match(await mountVolume(request(), fake.system), { already: false }, 'it is detached; its users keep it')
  t.notMatch(fake.commands('umount').join(' '), '-f', 'it is never forced')
})

t.test('mounts that are not replaced', async t => {
  const hung: Script = program => (program === 'stat' ? { timedOut: true, exitCode: undefined } : {})
  const slow = mounted({}, hung)
  await t.rejects(
    mountVolume(request(), slow.system),
    { code: 'EDEAD' },
    'this volume, which hangs: it may recover',
  )
  t.strictSame([slow.commands(), slow.table.length], [[], 1], 'it is left alone')
  for (const types of [['ext4'], ['fuse.sshfs'], ['ext4', 'ceph'], ['ceph', 'tmpfs']]) {
    const fake = mounted({ types })
    await t.rejects(mountVolume(request(), fake.system), { code: 'EOCCUPIED' }, `${types}: not CephFS`)
    t.strictSame([fake.commands(), fake.table.length], [[], types.length], `${types}: it is never unmounted`)
  }
})

t.test('targets that are refused', async t => {
  const CASES: [string, NonNullable<Node['tree']>, string, string][] = [
    ['it does not exist', {}, 'ENOTARGET', 'does not exist'],
    ['it holds files', { ...EMPTY_TARGET, [`${TARGET}/x`]: { text: '' } }, 'ENOTEMPTY', 'contains x'],
    ['it is a link', { [TARGET]: { link: '/pods' } }, 'EBADREQUEST', 'symbolic link'],
    ['it is a file', { [TARGET]: { text: '' } }, 'EBADREQUEST', 'is not a directory'],
  ]
  for (const [what, tree, code, message] of CASES) {
    const fake = fakeSystem({ tree })
    await t.rejects(mountVolume(request(), fake.system), { code, message }, what)
    t.strictSame(fake.commands(), [], `${what}: no program is run`)
  }
})

t.test('links in the parents of a target', async t => {
  const fake: Fake = fakeSystem({
    tree: { ...EMPTY_TARGET, '/var': 'directory', '/var/pods': { link: '/pods/a' } },
    run: working(() => fake),
  })
  await mountVolume({ ...request(), target: '/var/pods/data' }, fake.system)
  t.match(
    fake.commands('ceph-fuse')[0],
    ` ${TARGET} -r /`,
    'the client gets the path that mountinfo will show',
  )
})
