import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { recordTest } from '../support/compat.js'
import { quoted } from '../support/guest-node.js'
import { base64 } from '../support/volumes.js'
import { startLab } from './lab.js'

const SUCCESS = { status: 'Success' }

t.test('systemd 252 with cgroup v2', async t => {
  recordTest(t, 'vm-systemd', {
    area: 'systemd',
    subject: 'systemd, cgroup v2',
    version: '252',
    arch: 'x86-64',
    note: 'emulated',
  })
  const lab = await startLab(t, { suite: 'bookworm', arch: 'amd64', init: 'systemd' })
  const { vm, node, cluster } = lab
  const options = { ...lab.admin, path: '/vol1', mounter: 'fuse' }
  await vm.sh('modprobe fuse')
  const scopes = async () => (await vm.sh('ls /sys/fs/cgroup/system.slice')).match(/^run-.*\.scope$/gm) ?? []
  const answers = (target: string) => vm.run(`timeout 20 cat ${target}/hello`)

  /** A service that mounts as the kubelet does, and is stopped with its whole control group. */
  const startFakelet = async (commands: string[]) => {
    await vm.sh(
      `cat >/run/fakelet.sh <<'END'
[ -e /run/fakelet-began ] || { ${commands.map(line => `${line} >>/run/fakelet.out 2>&1`).join('; ')}; }
touch /run/fakelet-began
exec sleep infinity
END
cat >/run/systemd/system/fakelet.service <<'END'
[Unit]
DefaultDependencies=no
[Service]
ExecStart=/bin/bash /run/fakelet.sh
KillMode=control-group
END
rm -f /run/fakelet-began /run/fakelet.out; systemctl daemon-reload; systemctl restart fakelet
for i in $(seq 2900); do [ -e /run/fakelet-began ] && exit 0; sleep 0.1; done; cat /run/fakelet.out; exit 1`,
      90,
    )
    return vm.sh('cat /run/fakelet.out')
  }

  await node.test(t, 'a restart of the kubelet', async t => {
    const [fuse, kernel, control] = [node.target('fuse'), node.target('kernel'), node.target('control')]
    const [monitors, keyring] = [cluster.monitors, '/run/control.keyring']
    await vm.sh(
      `mkdir -p ${fuse} ${kernel} ${control}; printf '[client.admin]\\nkey = %s\\n' ${cluster.adminKey} >${keyring}`,
    )
    const out = await startFakelet([
      node.command('mount', fuse, JSON.stringify(options)),
      node.command('mount', kernel, JSON.stringify({ ...options, mounter: 'kernel' })),
      `ceph-fuse --id admin -k ${keyring} -m ${monitors} ${control} -r /vol1 2>/run/control.err`,
    ])
    t.equal(out.match(/"Success"/g)?.length, 2, out)
    for (const target of [fuse, kernel, control]) t.equal((await answers(target)).stdout, 'hello ceph\n')
    t.equal((await scopes()).length, 1, 'ceph-fuse of the driver has a scope of its own')
    await vm.sh('systemctl restart fakelet', 100)
    t.strictSame(await node.typesOn(control), [], 'the control: a ceph-fuse of the service itself is gone')
    t.equal((await answers(fuse)).stdout, 'hello ceph\n', 'the mount by FUSE is still there')
    t.equal((await answers(kernel)).stdout, 'hello ceph\n', 'and so is the one by the kernel')
    for (const target of [fuse, kernel]) t.strictSame((await node.unmount(target)).reply, SUCCESS)
    await sleep(2_000)
    t.strictSame(await scopes(), [], 'the scope ends with its ceph-fuse')
    t.equal(await node.leftovers(), '', 'nothing is left')
  })

  await node.test(t, 'SIGKILL while mounting leaves no scope', async t => {
    await cluster.ctl('mon', 'pause')
    await vm.sh(
      `mkdir -p ${node.target()}
      ${node.command('mount', node.target(), JSON.stringify(options))} >/dev/null 2>&1 & echo $! >/run/agent/pid
      for i in $(seq 900); do pgrep -x ceph-fuse >/dev/null && break; sleep 0.1; done; sleep 1; kill -KILL $(cat /run/agent/pid)`,
      150,
    )
    t.equal((await scopes()).length, 1, 'while it hangs')
    t.strictSame((await node.unmount()).reply, SUCCESS)
    await cluster.ctl('mon', 'resume')
    await sleep(5_000)
    t.strictSame(await scopes(), [], 'gone with the next call')
    t.equal(await node.leftovers(), '', 'nothing is left, and nothing is mounted later')
  })

  for (const [title, damage, repair] of [
    [
      'absent',
      'mv /usr/bin/systemd-run /usr/bin/systemd-run.away',
      'mv /usr/bin/systemd-run.away /usr/bin/systemd-run',
    ],
    [
      'broken',
      'mv /run/systemd/private /run/systemd/private.away',
      'mv /run/systemd/private.away /run/systemd/private',
    ],
  ] as const)
    await node.test(t, `systemd-run is ${title}`, async t => {
      // what was found out about this boot is forgotten
      await vm.sh(`rm -f /run/cephflex/scope; ${damage}`)
      t.strictSame((await node.mount(options)).reply, SUCCESS)
      t.strictSame(await node.typesOn(), ['fuse.ceph-fuse'])
      t.match(await node.log(), /"event":"scope","works":false/, 'the log says that it has no scope')
      await vm.sh(`rm -f /run/cephflex/scope; ${repair}`)
      t.strictSame((await node.unmount()).reply, SUCCESS)
      t.equal(await node.leftovers(), '', 'nothing is left')
    })

  await node.test(t, 'the key of a wrong call is not in the journal', async t => {
    const key = base64(cluster.adminKey)
    await node.mount({ ...options, path: '/no/such', 'kubernetes.io/secret/key': key })
    const journal = await vm.sh('journalctl --no-pager 2>/dev/null; true')
    for (const text of [cluster.adminKey, key]) t.notOk(journal.includes(quoted(text).slice(1, -1)))
  })
})
