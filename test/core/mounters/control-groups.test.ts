import { execFileSync } from 'node:child_process'
import t from 'tap'
import { groupsOutside, inGroups } from '../../../src/core/mounters/control-groups.js'

const ID = '0123456789abcdef'.repeat(4)
const V2 = '35 25 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n'
const V1 = [
  '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
  '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:5 - cgroup cgroup rw,cpu,cpuacct',
  '40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
  '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
  '',
].join('\n')

t.test('version 2', async t => {
  const own = `0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope\n`
  t.strictSame(groupsOutside(own, '0::/\n', V2), ['/sys/fs/cgroup/cgroup.procs'], 'the root, without an init')
  t.strictSame(
    groupsOutside(own, '0::/init\n', V2),
    ['/sys/fs/cgroup/init/cgroup.procs'],
    'where the first process is: a group with controllers for others takes none',
  )
  const nested = V2.replace(' / /sys', ' /docker/x /sys')
  t.strictSame(groupsOutside(own, '0::/docker/x/init\n', nested), ['/sys/fs/cgroup/init/cgroup.procs'])
  t.strictSame(groupsOutside(own, '0::/docker/x\n', nested), ['/sys/fs/cgroup/cgroup.procs'])
  t.strictSame(groupsOutside(own, '0::/docker/xy\n', nested), [], 'not mounted here')
})

t.test('version 1: each hierarchy that differs', async t => {
  const own = `9:name=systemd:/kubepods/pod1/${ID}\n5:cpu,cpuacct:/kubepods/pod1/${ID}\n3:devices:/a\n0::/\n`
  const first = '9:name=systemd:/\n5:cpu,cpuacct:/\n3:devices:/\n0::/\n'
  t.strictSame(groupsOutside(own, first, V1), [
    '/sys/fs/cgroup/systemd/cgroup.procs',
    '/sys/fs/cgroup/cpu,cpuacct/cgroup.procs',
  ])
})

t.test('a process that is in no container stays where it is', async t => {
  for (const own of ['0::/system.slice/kubelet.service\n', '0::/kubelet\n', '', 'nonsense'])
    t.strictSame(groupsOutside(own, '0::/\n', V2), [], own)
  t.strictSame(groupsOutside(`0::/docker/${ID}\n`, `0::/docker/${ID}\n`, V2), [], 'nor one whose node it is')
})

t.test('the wrapped command', async t => {
  const run = (...groups: string[]) => {
    const { program, argv } = inGroups(groups, '/bin/echo', ['-n', '--', '$HOME', 'a b'])
    return execFileSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  }
  t.equal(run(), '-- $HOME a b', 'the shell interprets none of its words')
  t.equal(
    run('/nowhere/cgroup.procs', '/dev/null'),
    '-- $HOME a b',
    'a group that cannot be joined is skipped',
  )
})
