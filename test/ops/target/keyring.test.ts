import t from 'tap'
import { Secret } from '../../../src/core/secret.js'
import { mountVolume } from '../../../src/ops/mount/mount.js'
import { prepareKeyring } from '../../../src/ops/target/keyring.js'
import { fakeSystem, type Node } from '../../support/fake-system.js'
import { EMPTY_TARGET, request, TARGET, working } from '../../support/mounting.js'
import { KEY } from '../../support/volumes.js'

type Fake = ReturnType<typeof fakeSystem>

/** The files that contained the key while each program ran. */
const watch = (more: Node = {}) => {
  const seen: Record<string, string[]> = {}
  const holding = () =>
    [...fake.tree.values()].flatMap(it => (typeof it === 'object' && 'text' in it ? it.text : []))
  const run = working(() => fake)
  const fake: Fake = fakeSystem({
    tree: EMPTY_TARGET,
    run: (program, argv, options) => {
      seen[program] = holding().filter(text => text.includes(KEY))
      return run(program, argv, options)
    },
    ...more,
  })
  return { fake, seen }
}

t.test('while a mount program runs', async t => {
  const fuse = watch()
  await mountVolume(request({ user: 'web' }), fuse.fake.system)
  t.strictSame(fuse.seen['ceph-fuse'], [`[client.web]\n\tkey = ${KEY}\n`], 'ceph-fuse finds its keyring')
  t.strictSame(fuse.seen['stat'], [], 'it is removed before the mount is checked')

  const kernel = watch()
  await mountVolume(request({ mounter: 'kernel' }), kernel.fake.system)
  t.strictSame(kernel.seen['mount'], [KEY], 'mount.ceph finds the bare key')

  const bare = watch({ executables: ['/usr/bin/mount'] })
  await mountVolume(request({ mounter: 'kernel' }), bare.fake.system)
  t.match(
    bare.seen['mount'],
    [new RegExp(`^10\\.0\\.0\\.1:6789:/ ${TARGET} ceph \\S+,secret=`)],
    'or mount(8) finds the line',
  )
  for (const { fake } of [fuse, kernel, bare]) {
    t.notMatch(
      JSON.stringify([fake.calls, fake.events]),
      KEY,
      'it is in no argument and in no line of the log',
    )
    t.notMatch(JSON.stringify([...fake.tree]), KEY, 'afterwards it is in no file, including the state file')
  }
})

t.test('where the keyring is written', async t => {
  const pathIn = (inMemory: string[]) => prepareKeyring(fakeSystem({ inMemory }).system, TARGET).path
  t.match(pathIn(['/run', '/dev/shm']), /^\/run\/cephflex\/keyrings\/\d+\./, 'in /run, which is in memory')
  t.match(pathIn(['/dev/shm']), /^\/dev\/shm\/cephflex-\w+\/\d+\./, 'else in /dev/shm')
  t.throws(() => pathIn([]), { code: 'ENORUNDIR' }, 'a key is never written to a disk')
  const disk = fakeSystem({ tree: EMPTY_TARGET, inMemory: [] })
  await t.rejects(
    mountVolume(request(), disk.system),
    { code: 'ENORUNDIR' },
    'without such a directory there is no mount',
  )
  t.strictSame(disk.commands(), [], 'and no client is tried')
})

t.test('an error while the keyring exists', async t => {
  const { system, tree } = fakeSystem()
  const keyring = prepareKeyring(system, TARGET)
  const work = async () => {
    throw new Error('x')
  }
  await t.rejects(keyring.with(new Secret(KEY), work), { message: 'x' }, 'its error is not hidden')
  t.notOk(tree.has(keyring.path), 'the file is removed all the same')
})

t.test('keyrings of killed calls', async t => {
  const { system, tree, running } = fakeSystem()
  running.push({ pid: 8, startTime: '3', name: 'node', state: 'S', group: 8, argv: [] })
  const directory = '/run/cephflex/keyrings'
  for (const name of ['8.3.abc', '8.2.abc', '9.3.abc', 'junk'])
    tree.set(`${directory}/${name}`, { text: KEY })
  prepareKeyring(system, TARGET)
  t.strictSame(system.files.list(directory), ['8.3.abc'], 'only files of processes that still run are kept')
})
