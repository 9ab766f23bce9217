import type { Test } from 'tap'
import { base64, KEY } from '../support/volumes.js'
import type { Lab } from './lab.js'

/** Extra time for a call on a slow emulated machine. */
const SLACK_MS = 45_000

/** A failure that took longer waits for a time limit: the tests of the cluster repeat it. */
const REPEATED_MS = 10_000

type Options = Record<string, string>

const wrongKey = { 'kubernetes.io/secret/key': base64(KEY) }

/** Mounts that the kernel client, or mount(8) before it, refuses. */
export async function failures(t: Test, lab: Lab, name: string): Promise<void> {
  const { admin, restricted } = lab
  const fails = failing(t, lab, name)
  await fails('wrong key', { ...admin, ...wrongKey }, /^EREFUSED: .*client\.admin/)
  await fails('missing path', { ...admin, path: '/no/such' }, /^ENOPATH: \/no\/such does not exist/)
  await fails('path that is a file', { ...admin, path: '/file' }, /^ENOTDIR: /)
  await fails(
    'path outside the caps',
    { ...restricted, path: '/vol2' },
    /^EDENIED: client\.lim is not allowed to mount \/vol2/,
  )
  await fails('missing file system', { ...admin, fsName: 'nofs' }, /^ENOFS: there is no file system nofs/)
  const dead = { ...admin, monitors: 'v1:127.0.0.1:1', timeoutSeconds: '8' }
  await fails('monitor refuses', dead, /^ENOANSWER: .*127\.0\.0\.1:1 refused/)
}

/** More of them, which the helper of mount(8) sees before the kernel, or sends to it in a form of its own. */
export async function moreFailures(t: Test, lab: Lab, name: string): Promise<void> {
  const { admin, adminV2 } = lab
  const fails = failing(t, lab, name)
  await fails('unknown user', { ...admin, user: 'nobody' }, /^EREFUSED: .*client\.nobody/)
  await fails('wrong key, v2', { ...adminV2, ...wrongKey }, /^EREFUSED: /)
  await fails('missing path, v2', { ...adminV2, path: '/no/such' }, /^ENOPATH: /)
  await fails('an unknown host name', { ...admin, monitors: 'nosuch.invalid' }, /^ENOHOST: .*nosuch\.invalid/)
  // new in Linux 6.6
  await fails(
    'an option that this kernel does not know',
    { ...admin, kernelOptions: 'sparseread' },
    /^EOPTION: /,
  )
  await fails(
    'a value that the kernel refuses',
    { ...admin, kernelOptions: 'rasize=99999999999999' },
    /^EOPTION: /,
  )
}

/** Failures of the kernel's own connection to a monitor, of which a helper knows nothing. */
export async function connectionFailures(t: Test, lab: Lab): Promise<void> {
  const { admin, cluster } = lab
  const fails = failing(t, lab, 'kernel')
  const dead = { ...admin, timeoutSeconds: '8' }
  await fails(
    'an unused address',
    { ...dead, monitors: 'v1:10.0.2.99:6789' },
    /^ENOANSWER: .*10\.0\.2\.99:6789/,
  )
  const v1Port = cluster.monitors.split(':').at(-1)
  const v2Port = cluster.monitorsV2.split(':').at(-1)
  const host = cluster.monitors.split(':')[1]
  const wrongProtocol = /^E(NOANSWER|TIMEOUT|VERSION): /
  await fails('v2 to the old port', { ...dead, monitors: `v2:${host}:${v1Port}` }, wrongProtocol)
  await fails('v1 to the new port', { ...dead, monitors: `v1:${host}:${v2Port}` }, wrongProtocol)
  await lab.node.test(t, 'kernel: the clock of the node is wrong', async t => {
    // the kernel's monotonic clock is not changed
    await lab.vm.sh("date -s '2001-02-03 04:05:06'")
    const { reply } = await lab.node.mount({ ...admin, ...wrongKey })
    t.match(reply.message, /^EREFUSED: /, 'the cause is still found in the kernel log')
    await lab.vm.sh(`date -s @${Math.floor(Date.now() / 1000)}`)
  })
}

function failing(t: Test, lab: Lab, name: string) {
  return (title: string, options: Options, message: RegExp) =>
    failingCase(t, lab, `${name}: ${title}`, options, message)
}

/** A node whose kernel has no Ceph client, or cannot load it. Only before the first mount, or after the last. */
export async function noModule(t: Test, lab: Lab, name: string): Promise<void> {
  const { vm, admin } = lab
  const modules = '/lib/modules/$(uname -r)/kernel/fs/ceph'
  const before = await lab.node.doctor()
  t.match(before['kernel-module'], { status: 'pass', message: /loaded/ }, 'doctor: ceph.ko exists')
  const isThere = (await vm.run('command -v mount.ceph')).code === 0
  const helper = isThere ? { status: 'pass' } : { status: 'warn', message: /mount\.ceph is not installed/ }
  t.match(before['mount.ceph'], helper, `doctor: mount.ceph is ${isThere ? '' : 'not '}there`)
  await vm.sh(`modprobe -r ceph 2>/dev/null; mv ${modules} /run/ceph-module && depmod`)
  await failingCase(t, lab, `${name}: no module`, admin, /^ENOKERNEL: /)
  // skipped where ceph-fuse works, and a failure where the kernel client is the only one
  const missing = { status: /^(fail|skip)$/, message: /kernel 6\.\d+\S* has no ceph module/ }
  t.match((await lab.node.doctor())['kernel-module'], missing, 'doctor: ceph.ko is missing')
  await vm.sh(`mv /run/ceph-module ${modules} && depmod`)
  await vm.sh('mv /usr/sbin/modprobe /usr/sbin/modprobe.away')
  await failingCase(t, lab, `${name}: no modprobe`, admin, /^ENOKERNEL: /)
  await vm.sh('mv /usr/sbin/modprobe.away /usr/sbin/modprobe')
}

/** A mount that fails with this message, in time, and leaves nothing. */
export function failingCase(
  t: Test,
  { node }: Lab,
  title: string,
  options: Options,
  message: RegExp,
): Promise<void> {
  return node.test(t, title, async t => {
    const { reply, ms, output } = await node.mount(options)
    t.equal(reply.status, 'Failure')
    t.match(reply.message, message)
    t.match(reply.message, /^E[A-Z]+: .+\. Hint: /, 'code, what happened, hint')
    t.ok(Buffer.byteLength(output) < 1_000, 'short enough for an event')
    const limitMs = Number(options['timeoutSeconds'] ?? '60') * 1000 + 2_000 + SLACK_MS
    t.ok(ms < limitMs, `within its time: ${ms} ms`)
    t.equal(await node.leftovers(), '', 'nothing is left')
    if (ms > REPEATED_MS) return
    const again = await node.mount(options)
    t.equal(again.reply.message, reply.message, 'the kubelet counts one event, since the text is the same')
  })
}
