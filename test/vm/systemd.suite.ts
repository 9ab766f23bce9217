import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { assetNames, readAsset } from '../../src/system/assets.js'
import { quoted } from '../lab/vm/guest-node.js'
import { recordTest } from '../records/record-compat.js'
import { base64 } from '../support/volumes.js'
import { containerHealing, installedHealing } from './healing.js'
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

  /** A service that mounts like the kubelet, and is stopped with its whole control group. */
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
    t.match((await node.doctor())['systemd-scope'], { status: 'pass' })
    t.equal((await scopes()).length, 1, 'ceph-fuse of the driver has a scope of its own')
    await vm.sh('systemctl restart fakelet', 100)
    t.strictSame(
      await node.typesOn(control),
      [],
      'control: a ceph-fuse in the control group of the service has ended',
    )
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
    t.strictSame(await scopes(), [], 'the next call removes it')
    t.equal(await node.leftovers(), '', 'nothing is left, and nothing is mounted later')
  })

  await installedHealing(t, lab)
  for (const scopesWork of [true, false]) await containerHealing(t, lab, scopesWork)

  await node.test(t, 'the units of the package: recover and reap by their timers', async t => {
    for (const name of assetNames().filter(name => name.startsWith('systemd/')))
      await vm.sh(`cat >/run/systemd/system/${basename(name)} <<'END'\n${readAsset(name)}END`)
    await vm.sh(`ln -sf ${node.driver} /usr/bin/cephflex; systemctl daemon-reload`)
    t.equal(await vm.sh('systemd-analyze verify --man=no /run/systemd/system/cephflex-* 2>&1; true', 90), '')
    await node.configure({ timeoutSeconds: 60, recovery: true })
    const target = node.target('units')
    t.strictSame((await node.mount(options, target)).reply, SUCCESS)

    await vm.sh(`pkill -KILL -x ceph-fuse; systemctl start cephflex-recover.timer`)
    const ended = (unit: string) =>
      `for i in $(seq 120); do systemctl show -p ExecMainExitTimestampMonotonic ${unit} | grep -q '=[1-9]' && break; sleep 1; done
      systemctl show -p Result --value ${unit}`
    t.equal(await vm.sh(ended('cephflex-recover.service'), 150), 'success\n')
    await vm.sh('systemctl stop cephflex-recover.timer cephflex-recover.service')
    t.equal(
      (await answers(target)).stdout,
      'hello ceph\n',
      'it is mounted again, and the mount outlives the service',
    )

    // a pod that has run, and that the kubelet no longer knows
    await vm.sh(`mkdir -p ${dirname(dirname(dirname(target)))}/containers/main /var/log/pods
      sed -i 's/"mountedAt":"[^"]*"/"mountedAt":"2020-01-01T00:00:00.000Z"/' /run/cephflex/state/*.json
      systemctl start cephflex-reap.timer`)
    t.match(await vm.sh('systemctl list-timers --no-pager'), /cephflex-reap\.timer +cephflex-reap\.service/)
    // the timer waits until a quarter of an hour after boot, so the service is started by hand
    await vm.sh('systemctl stop cephflex-reap.timer; systemctl start cephflex-reap.service', 150)
    t.strictSame(await node.typesOn(target), [], 'the orphan is unmounted')
    t.equal((await vm.run(`ls -d ${target}`)).code, 2, 'and its directory is removed')
    await sleep(2_000)
    t.equal(await node.leftovers(), '', 'nothing is left')
    await node.configure({ timeoutSeconds: 60 })
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
      // removes the stored result of this boot
      await vm.sh(`rm -f /run/cephflex/scope; ${damage}`)
      t.strictSame((await node.mount(options)).reply, SUCCESS)
      t.strictSame(await node.typesOn(), ['fuse.ceph-fuse'])
      t.match(await node.log(), /"event":"scope","works":false/, 'the log records that it has no scope')
      t.match(
        (await node.doctor())['systemd-scope'],
        { status: 'warn', message: /do not work/ },
        'and doctor too',
      )
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
