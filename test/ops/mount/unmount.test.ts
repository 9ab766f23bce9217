import t from 'tap'
import { unmountVolume } from '../../../src/ops/mount/unmount.js'
import type { RunResult } from '../../../src/system/run.js'
import { fakeSystem, mountLine, type Script } from '../../support/fake-system.js'
import { EMPTY_TARGET, TARGET } from '../../support/mounting.js'

/** The result of a program that has removed the top mount. */
const popped = (pop: () => void, result: Partial<RunResult> = {}): Partial<RunResult> => {
  pop()
  return result
}

/** A node with mounts of these types on the target, the lowest first. */
const nodeWith = (types: readonly string[], run: (pop: () => void) => Script) => {
  const fake = fakeSystem({ tree: EMPTY_TARGET, run: (...args) => run(() => fake.table.pop())(...args) })
  types.forEach((type, i) => {
    fake.table.push(mountLine(TARGET, type, 100 + i))
  })
  return fake
}

const flagsOf = (commands: readonly string[]) =>
  commands.map(line => line.replace(/umount -c (.*?)-- .*/, '$1').trim())

const HOLDER = {
  pid: 42,
  startTime: '1',
  name: 'bash',
  state: 'S',
  group: 42,
  argv: ['bash'],
  holds: TARGET,
}

t.test('stacked mounts are removed one by one', async t => {
  const fake = nodeWith(
    ['ceph', 'fuse.ceph-fuse', 'ceph'],
    pop => program => (program === 'umount' ? popped(pop) : {}),
  )
  t.equal(await unmountVolume(TARGET, fake.system), 3)
  t.strictSame(flagsOf(fake.commands('umount')), ['', '', ''], 'without force')
})

t.test('unmount of a healthy mount in use is retried, then given up', async t => {
  for (const type of ['ceph', 'fuse.ceph-fuse']) {
    const fake = nodeWith(
      [type],
      () => program =>
        program === 'umount' ? { exitCode: 32, stderr: 'target is busy.' } : { stdout: 'directory\n' },
    )
    fake.running.push(HOLDER)
    await t.rejects(unmountVolume(TARGET, fake.system), {
      code: 'EBUSY',
      message: `${TARGET} is in use by 42 (bash)`,
    })
    t.strictSame(flagsOf(fake.commands('umount')), ['', '', '', ''], 'never -f, never -l')
    t.equal(fake.table.length, 1)
  }
})

/** A mount that is busy until it is unmounted with one of these flags; every other program hangs. */
const hanging = (type: string, enough: string) =>
  nodeWith([type], pop => (program, argv) => {
    if (program !== 'umount') return { timedOut: true, exitCode: undefined }
    return argv.includes(enough) ? popped(pop) : { exitCode: 32, stderr: 'target is busy.' }
  })

t.test('a busy mount that hangs is not forced while a process has a file open: it may recover', async t => {
  const fake = hanging('ceph', '-l')
  fake.running.push(HOLDER)
  await t.rejects(unmountVolume(TARGET, fake.system), { code: 'EBUSY' })
  t.strictSame(flagsOf(fake.commands('umount')), ['', '', '', ''])
})

t.test(
  'a busy mount that hangs without an open file is forced: a process that only waits there does not keep it',
  async t => {
    const kernel = hanging('ceph', '-l')
    t.equal(await unmountVolume(TARGET, kernel.system), 1)
    t.strictSame(
      flagsOf(kernel.commands('umount')),
      ['', '', '', '', '-l'],
      'the kernel would drop unwritten data',
    )
    const fuse = hanging('fuse.ceph-fuse', '-f')
    t.equal(await unmountVolume(TARGET, fuse.system), 1)
    t.strictSame(flagsOf(fuse.commands('umount')), ['', '', '', '', '-f'], 'ceph-fuse still writes its data')
    const below = hanging('fuse.ceph-fuse', '-f')
    below.table.push(mountLine(`${TARGET}/sub`, 'ext4'))
    await t.rejects(unmountVolume(TARGET, below.system), { code: 'EBUSY' }, 'something is mounted below')
  },
)

t.test('a busy mount whose root is answered from the cache, while statfs hangs', async t => {
  const fake = nodeWith(['fuse.ceph-fuse'], pop => (program, argv) => {
    if (program === 'umount')
      return argv.includes('-f') ? popped(pop) : { exitCode: 32, stderr: 'target is busy.' }
    return argv.includes('-f') ? { timedOut: true, exitCode: undefined } : { stdout: 'directory\n' }
  })
  t.equal(await unmountVolume(TARGET, fake.system), 1)
})

t.test('a dead mount in use is detached', async t => {
  const fake = nodeWith(['fuse.ceph-fuse'], pop => (program, argv) => {
    if (program === 'stat')
      return { exitCode: 1, stderr: "stat: cannot statx 'x': Transport endpoint is not connected" }
    if (!argv.includes('-l')) return { exitCode: 32, stderr: 'target is busy.' }
    pop()
    return {}
  })
  t.equal(await unmountVolume(TARGET, fake.system), 1)
})

t.test('umount that does not return', async t => {
  const detached = nodeWith(['ceph'], pop => () => popped(pop, { timedOut: true, exitCode: undefined }))
  t.equal(
    await unmountVolume(TARGET, detached.system),
    1,
    'the mount has disappeared: the client only writes its data',
  )
  t.strictSame(flagsOf(detached.commands('umount')), [''], 'so nothing is forced')

  const hung = nodeWith(['fuse.ceph-fuse'], pop => (_, argv) => {
    if (!argv.includes('-l')) return { timedOut: true, exitCode: undefined }
    pop()
    return {}
  })
  t.equal(await unmountVolume(TARGET, hung.system), 1)
  t.strictSame(flagsOf(hung.commands('umount')), ['', '-f', '-l'])

  const stuck = nodeWith(['ceph'], () => () => ({ timedOut: true, exitCode: undefined }))
  await t.rejects(
    unmountVolume(TARGET, stuck.system),
    { code: 'EUMOUNT' },
    'a remaining mount is never reported as success',
  )
})

t.test('a mount that is not CephFS is never unmounted', async t => {
  const fake = nodeWith(['ext4'], () => () => ({}))
  await t.rejects(unmountVolume(TARGET, fake.system), { code: 'EOCCUPIED', message: /type ext4/ })
  t.strictSame(fake.commands(), [])
})

t.test('nothing mounted, or no target: success', async t => {
  t.equal(await unmountVolume('/pods/gone/data', nodeWith([], () => () => ({})).system), 0)
})
