import type { Test } from 'tap'
import { quoted } from '../lab/vm/guest-node.js'
import { type Lab, QUOTA, SPECIAL_PATH } from './lab.js'

const SUCCESS = { status: 'Success' }

/** Mounts by the kernel client that succeed. `full`: with every msMode. */
export async function goodMounts(t: Test, lab: Lab, name: string, full: boolean): Promise<void> {
  const { vm, admin, adminV2, restricted, reader, cluster } = lab
  const hello = async (t: Test, target: string) => {
    t.equal(await vm.sh(`cat ${target}/hello`), 'hello ceph\n')
  }
  const mounts = (title: string, options: Record<string, string>, look = hello) =>
    mountedCase(t, lab, `${name}: ${title}`, options, look)

  await mounts('v1, writes and reads back', { ...admin, path: '/vol1' }, async (t, target) => {
    await hello(t, target)
    t.equal(await vm.sh(`echo new >${target}/file && cat ${target}/file && rm ${target}/file`), 'new\n')
    t.match(await vm.sh(`grep ${target} /proc/mounts`), /nosuid,nodev/)
  })
  await mounts('v2 without msMode', { ...adminV2, path: '/vol1' })
  if (full)
    for (const msMode of ['crc', 'secure', 'prefer-crc', 'prefer-secure'])
      await mounts(`msMode ${msMode}`, { ...adminV2, msMode, path: '/vol1' })
  await mounts('a special path', { ...admin, path: SPECIAL_PATH })
  await mounts(
    'read-only',
    { ...admin, path: '/vol1', 'kubernetes.io/readwrite': 'ro' },
    async (t, target) => {
      const { code, stderr } = await vm.run(`echo x >${target}/no`)
      t.not(code, 0)
      t.match(stderr, /Read-only file system/)
    },
  )
  await mounts('a user of one directory', { ...restricted, path: '/vol1' })
  if (!full) return
  await mounts('a user that may only read', { ...reader, path: '/vol1' }, async (t, target) => {
    await hello(t, target)
    t.match((await vm.run(`echo x >${target}/no`)).stderr, /Permission denied/)
  })
  await mounts('df shows the quota', { ...admin, path: '/quota' }, async (t, target) => {
    t.equal(Number(await vm.sh(`df -B1 --output=size ${target} | tail -n 1`)), QUOTA)
  })
  await mounts(
    'options',
    { ...admin, path: '/vol1', mountOptions: 'noatime', kernelOptions: 'rasize=1048576' },
    async (t, target) => {
      t.match(await vm.sh(`grep ${quoted(target)} /proc/mounts`), /noatime.*rasize=1048576/)
    },
  )
  await mounts('the first of two monitors is dead', {
    ...admin,
    path: '/vol1',
    monitors: `v1:127.0.0.1:1,${cluster.monitors}`,
  })
  await mounts('a target with a comma', { ...admin, path: '/vol1' }, async t => {
    const target = lab.node.target('data,old')
    t.strictSame((await lab.node.mount({ ...admin, path: '/vol2' }, target)).reply, SUCCESS)
    t.equal(await vm.sh(`cat ${quoted(target)}/hello`), 'hello ceph\n')
    t.strictSame((await lab.node.unmount(target)).reply, SUCCESS)
  })
}

/** Mounts, calls `look`, unmounts, and checks that nothing is left. */
export function mountedCase(
  t: Test,
  { node, vm, cluster }: Lab,
  title: string,
  options: Record<string, string>,
  look: (t: Test, target: string) => Promise<void>,
  type = 'ceph',
): Promise<void> {
  return node.test(t, title, async t => {
    const target = node.target()
    t.strictSame((await node.mount(options)).reply, SUCCESS)
    t.strictSame(await node.typesOn(), [type], `mounted once, as ${type}`)
    const seen = await vm.sh('cat /proc/*/cmdline /proc/*/environ /proc/mounts 2>/dev/null; true')
    t.match(seen, /agent\.sh\0/, 'the arguments are seen')
    t.notOk(seen.includes(cluster.adminKey), 'the key is in no arguments, environment or mount table')
    t.equal(await node.keyFiles(), '', 'no key file while it is mounted')
    await look(t, target)
    t.strictSame((await node.unmount()).reply, SUCCESS)
    t.equal(await node.leftovers(), '', 'nothing is left')
  })
}
