import t from 'tap'
import { startDeadline } from '../../../src/core/deadline.js'
import { detachAll } from '../../../src/ops/target/detach.js'
import type { RunResult } from '../../../src/system/run.js'
import { type Ending, fakeSystem, mountLine } from '../../support/fake-system.js'
import { TARGET } from '../../support/mounting.js'

type Answer = (argv: readonly string[], pop: () => Partial<RunResult>) => Ending

/** A node with these mounts; `answer` acts as umount, and the probe finds a healthy root. */
const nodeWith = (types: readonly string[], answer: Answer) => {
  const pop = (): Partial<RunResult> => {
    fake.table.pop()
    return {}
  }
  const fake: ReturnType<typeof fakeSystem> = fakeSystem({
    run: (program, argv) => (program === 'umount' ? answer(argv, pop) : { stdout: 'directory\n' }),
  })
  fake.table.push(...types.map((type, i) => mountLine(TARGET, type, 100 + i)))
  return fake
}
const detach = (fake: ReturnType<typeof nodeWith>, policy: 'strict' | 'lazy' = 'strict', target = TARGET) =>
  detachAll(fake.system, target, policy, startDeadline(10_000))

const BUSY = { exitCode: 32, stderr: `umount: ${TARGET}: target is busy.` }

t.test('busy for a moment', async t => {
  let tries = 0
  const fake = nodeWith(['fuse.ceph-fuse'], (_, pop) => {
    tries += 1
    return tries < 3 ? BUSY : pop()
  })
  t.equal(await detach(fake), 1, 'a mount that is busy for a moment is unmounted without force')
  t.notMatch(fake.commands().join(' '), / -[fl] /, 'neither -f nor -l')
})

t.test('busy, with a client that has died', async t => {
  for (const problem of ['Transport endpoint is not connected', 'Software caused connection abort']) {
    const fake = fakeSystem({
      run: (program, argv) => {
        if (program === 'stat') return { exitCode: 1, stderr: `stat: cannot statx '${TARGET}': ${problem}` }
        if (program !== 'umount') return {}
        if (!argv.includes('-l')) return BUSY
        fake.table.pop()
        return {}
      },
    })
    fake.table.push(mountLine(TARGET, 'fuse.ceph-fuse', 100))
    t.equal(await detach(fake), 1, `${problem}: it is detached, although it is in use`)
  }
})

t.test('every umount', async t => {
  const fake = nodeWith(['ceph'], (_, pop) => pop())
  await detach(fake)
  const [call] = fake.calls
  t.strictSame(call?.argv, ['-c', '--', TARGET], 'does not ask the file system (-c)')
  t.match(
    call?.options,
    { isCleanup: true, timeoutMs: Number },
    'is not stopped by a signal, and has a time limit',
  )
})

t.test('a mount in use, with the policy lazy', async t => {
  const fake = nodeWith(['ceph'], (argv, pop) => (argv.includes('-l') ? pop() : BUSY))
  t.equal(await detach(fake, 'lazy'), 1, 'its users keep it, and the directory is free')
  t.notMatch(fake.commands().join(' '), / -f /, 'force would lose their unwritten data')
})

t.test('the processes that keep it busy', async t => {
  const fake = nodeWith(['ceph'], () => BUSY)
  const holder = { startTime: '1', name: 'sh', state: 'S', group: 1, argv: [], holds: TARGET }
  await t.rejects(
    detach(fake),
    { code: 'EBUSY', message: /without an open file/ },
    'no process has a file open: the message reports that',
  )
  for (let pid = 1; pid <= 7; pid += 1) fake.running.push({ ...holder, pid })
  await t.rejects(
    detach(fake),
    { code: 'EBUSY', message: /by 1 \(sh\), 2 \(sh\), 3 \(sh\), 4 \(sh\), 5 \(sh\) and others$/ },
    'five are named',
  )
})

t.test('mounts below the target', async t => {
  const fake = nodeWith(['ext4', 'ceph'], (_, pop) => pop())
  await t.rejects(
    detach(fake),
    { code: 'EOCCUPIED', message: /ext4/ },
    'a foreign mount below it is in the way',
  )
  t.match(fake.table, [/ ext4 /], 'the CephFS mount is removed, the foreign one is not')
  const neighbours = nodeWith([], (_, pop) => pop())
  neighbours.table.push(mountLine(`${TARGET}/sub`, 'ceph'), mountLine(`${TARGET}2`, 'ceph'))
  t.equal(await detach(neighbours), 0, 'mounts of other directories are left alone')
  t.equal(neighbours.table.length, 2, 'also mounts below those')
})

t.test('umount that fails', async t => {
  const odd = nodeWith(['ceph'], () => ({ exitCode: 1, stderr: 'umount: something new' }))
  await t.rejects(detach(odd), { code: 'EUMOUNT' }, 'for an unknown reason')
  t.equal(odd.commands().length, 1, 'is not followed by force')
  const missing = nodeWith(['ceph'], () => ({ startProblem: 'ENOENT' }))
  await t.rejects(detach(missing), { code: 'ENOTOOL', message: /umount/ }, 'because it is not installed')
  const liar = nodeWith(['ceph'], () => ({ exitCode: 0 }))
  await t.rejects(detach(liar), { code: 'EUMOUNT' }, 'with exit code 0: the mount table counts')
})

t.test('umount that hangs', async t => {
  const flags: string[] = []
  const fake = nodeWith(['ceph'], (argv, pop) => {
    flags.push(argv[1] ?? '')
    return argv[1] === '-f' ? pop() : { timedOut: true, exitCode: undefined }
  })
  t.equal(await detach(fake), 1, 'it is forced only after its time is up')
  t.strictSame(flags, ['--', '-f'], '-f is enough')
})
