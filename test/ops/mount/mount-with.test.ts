import t from 'tap'
import type { MountState } from '../../../src/core/target/state.js'
import { mountVolume } from '../../../src/ops/mount/mount.js'
import { unmountVolume } from '../../../src/ops/mount/unmount.js'
import { targetFiles } from '../../../src/ops/target/target-files.js'
import { BOOT, type FakeProcess, type fakeSystem, mountLine, type Script } from '../../support/fake-system.js'
import { nodeWith, request, TARGET } from '../../support/mounting.js'

type Fake = ReturnType<typeof fakeSystem>

const stateOf = (fake: Fake): MountState | undefined => {
  const thing = fake.tree.get(targetFiles(fake.system, TARGET, 1).state)
  return typeof thing === 'object' && 'text' in thing ? (JSON.parse(thing.text) as MountState) : undefined
}

t.test('from mount to unmount', async t => {
  const daemon = { name: 'ceph-fuse', state: 'S', argv: ['ceph-fuse', TARGET] }
  const starts: Script = program => {
    if (program !== 'ceph-fuse') return {}
    const group = 5000 + fake.calls.length
    const others: FakeProcess[] = [
      { ...daemon, pid: 81, startTime: '1', group: 1 },
      { ...daemon, pid: 82, startTime: '2', group, name: 'sh' },
      { ...daemon, pid: 83, startTime: '3', group, state: 'Z' },
    ]
    fake.running.push(...others, { ...daemon, pid: 84, startTime: '4', group })
    fake.table.push(mountLine(TARGET, 'fuse.ceph-fuse'))
    return { stderr: 'ceph-fuse[83]: starting fuse\n' }
  }
  const ends: Script = (program, argv, options) => {
    if (program === 'umount') fake.running.splice(0)
    return starts(program, argv, options)
  }
  const fake = nodeWith(ends, { tree: {} })
  await mountVolume(request({ user: 'web', pod: { name: 'p' } }, true), fake.system)
  t.match(stateOf(fake), {
    bootId: BOOT,
    target: TARGET,
    client: 'fuse',
    process: { pid: 84, startTime: '4' },
    made: [TARGET],
    pod: { name: 'p' },
    volume: { user: 'web', path: '/' },
  })
  t.equal(await unmountVolume(TARGET, fake.system), 1, 'unmount needs only the target')
  t.equal(stateOf(fake), undefined, 'the state file is removed')
  t.ok(fake.tree.has(TARGET), 'but the directory stays, for the kubelet to remove')
  t.strictSame(
    fake.locks,
    [`take mount ${TARGET}`, 'release', `take unmount ${TARGET}`, 'release'],
    'one call at a time holds the lock',
  )
  t.equal(await unmountVolume(TARGET, fake.system), 0, 'a second unmount succeeds')
})

t.test('fsGroup', async t => {
  const commandsOf = async (changes: Parameters<typeof request>[0]) => {
    const fake = nodeWith()
    await mountVolume(request(changes), fake.system)
    return fake.commands().slice(1)
  }
  t.strictSame(
    await commandsOf({ fsGroupPolicy: 'root', fsGroup: 2000 }),
    [`chgrp 2000 -- ${TARGET}`, `chmod g+rwxs -- ${TARGET}`],
    'the group gets the top directory, and nothing below it',
  )
  t.strictSame(
    await commandsOf({ fsGroupPolicy: 'none', fsGroup: 2000 }),
    [],
    'nothing, unless the volume sets it',
  )
  t.strictSame(await commandsOf({ fsGroupPolicy: 'root' }), [], 'a pod without fsGroup: nothing')
  t.strictSame(
    await commandsOf({ fsGroupPolicy: 'root', fsGroup: 2000, readOnly: true }),
    [],
    'nothing of a read-only volume is changed',
  )
})

t.test('messages in the kernel log', async t => {
  const mauth = "libceph: auth protocol 'cephx' mauth authentication failed: -13"
  const failing = (before: string, after: string): Fake => {
    const log = [before, after]
    return nodeWith(program => {
      if (program === 'dmesg') return { stdout: log.shift() ?? '' }
      return program === 'mount' ? { exitCode: 32, stderr: 'mount error: no mds server is up' } : {}
    })
  }
  const mount = (fake: Fake) => mountVolume(request({ mounter: 'kernel' }), fake.system)
  const boot = '[    1.0] Linux version 6.1\n'
  await t.rejects(mount(failing(boot, `${boot}[ 9.0] ${mauth}\n`)), { code: 'EREFUSED' }, 'shows a wrong key')
  await t.rejects(
    mount(failing('', `[ 9.0] ${mauth}\n`)),
    { code: 'EREFUSED' },
    'also if the log was empty before',
  )
  const old = `${boot}[ 5.0] ${mauth}\n`
  await t.rejects(
    mount(failing(old, old)),
    { code: 'ENOMDS' },
    'a message of an earlier mount does not count',
  )
  const foreign = `${boot}[ 9.0] nfs: ${mauth.slice(9)}\n`
  await t.rejects(
    mount(failing(boot, foreign)),
    { code: 'ENOMDS' },
    'nor does a message of another subsystem',
  )
})

t.test('the release of ceph-fuse', async t => {
  const version: Script = (_, argv) =>
    argv[0] === '--version' ? { stdout: 'ceph version 16.2.15 (618f44) pacific (stable)\n' } : {}
  const fake = nodeWith(version)
  await mountVolume(request({ fsName: 'b' }), fake.system)
  t.match(fake.commands().at(-1), ' --client_fs=b ', 'is determined if fsName is set')
  t.match(fake.tree.get('/run/cephflex/ceph-fuse-release'), { text: /\n16\n$/ }, 'and stored')
  const count = fake.commands().length
  await unmountVolume(TARGET, fake.system)
  await mountVolume(request({ fsName: 'b' }), fake.system)
  t.equal(fake.commands().length, count + 2, 'it is not determined again: only umount and ceph-fuse are run')
  const silent = nodeWith()
  await mountVolume(request({ fsName: 'b' }), silent.system)
  t.match(
    silent.commands().at(-1),
    ' --client_mds_namespace=b ',
    'unknown: the option that all releases support',
  )
  const unnamed = nodeWith(version)
  await mountVolume(request(), unnamed.system)
  t.equal(unnamed.commands().length, 1, 'without fsName, it is not determined')
})

t.test('a call that was killed after it had mounted', async t => {
  const dead = { pid: 9, startTime: '3', call: `mount ${TARGET}`, since: 'then' }
  const fake = nodeWith(undefined, { abandonedBy: dead })
  const { state, adminSocket, logFile } = targetFiles(fake.system, TARGET, 9)
  const daemon = {
    pid: 84,
    startTime: '4',
    name: 'ceph-fuse',
    state: 'S',
    group: 84,
    argv: ['ceph-fuse', TARGET],
  }
  const noted = {
    version: 1,
    bootId: BOOT,
    process: { pid: 84, startTime: '4' },
    adminSocket,
    logFile,
    volume: {},
    made: [],
  }
  fake.tree.set(state, { text: JSON.stringify(noted) }).set(adminSocket, { text: '' })
  const stray = { ...daemon, pid: 85, startTime: '10', name: 'mount.ceph' }
  // one that is older than the killed call may serve others
  fake.running.push(daemon, stray, { ...daemon, pid: 86, startTime: '2' })
  fake.table.push(mountLine(TARGET, 'fuse.ceph-fuse'))
  let atUmount: string[] = []
  const { run } = fake.system
  fake.system.run = (program, argv, options) => {
    if (program === 'umount') atUmount = [...fake.killed, String(fake.tree.has(adminSocket))]
    if (program === 'umount') fake.running.splice(0)
    return run(program, argv, options)
  }
  await unmountVolume(TARGET, fake.system)
  t.strictSame(
    atUmount,
    ['85 SIGKILL', 'true'],
    'its stray processes are killed; its daemon and the admin socket of that are kept',
  )
  t.notOk(fake.tree.has(adminSocket), 'they are removed with the mount')
})

t.test('"No such file or directory" may be the path or the target', async t => {
  const failing = (stderr: string, isGone: boolean): Fake => {
    const fake: Fake = nodeWith(program => {
      if (program !== 'mount') return {}
      if (isGone) fake.tree.delete(TARGET)
      return { exitCode: 32, stderr }
    })
    return fake
  }
  const mount = (fake: Fake) => mountVolume(request({ mounter: 'kernel' }), fake.system)
  for (const stderr of ['mount error 2 = No such file or directory', 'mount error 20 = Not a directory']) {
    await t.rejects(mount(failing(stderr, true)), {
      code: 'ENOTARGET',
      message: /^\/pods\/a\/data no longer exists/,
    })
    await t.rejects(mount(failing(stderr, false)), { code: /^ENO(PATH|TDIR)$/ })
  }
})
