import t from 'tap'
import { startDeadline } from '../../../src/core/deadline.js'
import { scoped } from '../../../src/ops/mount/scope.js'
import { BOOT, type FakeFile, fakeSystem } from '../../support/fake-system.js'

const node = (exitCode: number, tree: Record<string, FakeFile> = {}) =>
  fakeSystem({
    tree: { '/run/cephflex': 'directory', '/run/systemd/system': 'directory', ...tree },
    run: () => ({ exitCode }),
  })

const start = (fake: ReturnType<typeof node>) =>
  scoped(fake.system, startDeadline(10_000), 'ceph-fuse', ['--id', 'a'])
const PLAIN = { program: 'ceph-fuse', argv: ['--id', 'a'] }

t.test('scopes work', async t => {
  const fake = node(0)
  t.match((await start(fake)).program, 'systemd-run', 'a daemon gets a scope of its own')
  t.match((await start(fake)).program, 'systemd-run', 'the next one too')
  t.equal(fake.commands().length, 1, 'they are probed once per boot')
})

t.test('scopes do not work', async t => {
  const fake = node(1)
  t.strictSame(await start(fake), PLAIN, 'the command is unchanged')
  t.strictSame(await start(fake), PLAIN, 'the next one, too')
  t.equal(fake.commands().length, 1, 'they are not probed again')
})

t.test('the stored result', async t => {
  const known = node(1, { '/run/cephflex/scope': { text: `${BOOT} yes\n` } })
  t.match((await start(known)).program, 'systemd-run', 'a result of this boot is used')
  t.strictSame(known.commands(), [], 'without trying')
  for (const text of ['another-boot yes\n', '', 'yes']) {
    const fake = node(1, { '/run/cephflex/scope': { text } })
    t.strictSame(await start(fake), PLAIN, `${JSON.stringify(text)} is not a result of this boot`)
    t.equal(fake.commands().length, 1, 'so scopes are probed')
  }
})

t.test('without systemd', async t => {
  for (const thing of [undefined, { text: '' }, { link: '/run' }]) {
    const fake = fakeSystem(thing ? { tree: { '/run/systemd/system': thing } } : {})
    t.strictSame(await start(fake), PLAIN, 'there are no scopes')
    t.strictSame(fake.commands(), [], 'and none is probed')
  }
})

t.test('in a container, without systemd', async t => {
  const own = `0::/kubepods/pod1/${'0123456789abcdef'.repeat(4)}\n`
  const texts: Record<string, string> = { '/proc/self/cgroup': own, '/proc/1/cgroup': '0::/\n' }
  const mountInfo = () => '35 25 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n'
  const command = (found: readonly string[]) => {
    const { system } = fakeSystem()
    const files = { ...system.files, tryRead: (path: string) => texts[path] }
    const find = (name: string) => (found.includes(name) ? (`/usr/bin/${name}` as const) : undefined)
    return scoped({ ...system, files, mountInfo, find }, startDeadline(10_000), 'ceph-fuse', ['--id', 'a'])
  }
  const { program, argv } = await command(['sh', 'ceph-fuse'])
  t.equal(program, 'sh')
  t.strictSame(
    argv.slice(3),
    ['/sys/fs/cgroup/cgroup.procs', '--', '/usr/bin/ceph-fuse', '--id', 'a'],
    'the client is not in the control group of the container',
  )
  for (const found of [['sh'], ['ceph-fuse']]) t.strictSame(await command(found), PLAIN, `only ${found}`)
})
