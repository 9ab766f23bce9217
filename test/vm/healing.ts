import type { Test } from 'tap'
import { until } from '../lab/until.js'
import type { Lab } from './lab.js'

const SUCCESS = { status: 'Success' }
const SERVICE = 'cephflex-recover.service'
const INSTALLER = 'sh /opt/cephflex/install.sh'
/** It copies a binary and compares sums of it, which takes the emulated processor half a minute. */
const INSTALL_S = 400
/** The goal is 15 s; each program of an emulated machine takes a second to start. */
const HEALED_S = 240
const METRICS = '/run/cephflex.prom'
/** Named as the control group of a container is: with its id. */
const CONTAINER = `cri-containerd-${'0123456789abcdef'.repeat(4)}.service`

/** `install.sh --recover`, from the installation to the removal. */
export function installedHealing(t: Test, lab: Lab): Promise<void> {
  const { node, vm } = lab
  const units = () =>
    vm.sh(
      "systemctl list-unit-files --no-legend --no-pager 'cephflex*'; systemctl list-units --all --no-legend --no-pager 'cephflex*'; ls /etc/systemd/system/*/cephflex* 2>/dev/null; true",
    )
  return node.test(t, 'install.sh --recover: a service heals, until it is uninstalled', async t => {
    const target = node.target('installed')
    await node.configure({ timeoutSeconds: 60, recovery: true })
    t.equal(await units(), '', 'no unit before')
    // a node has booted
    await vm.sh('systemctl start basic.target', INSTALL_S)
    t.match(await vm.sh(`${INSTALLER} --recover 2>&1`, INSTALL_S), /start cephflex-recover\.service/)
    t.equal(
      await vm.sh(`systemctl is-enabled ${SERVICE}; systemctl is-active ${SERVICE}`),
      'enabled\nactive\n',
    )
    t.equal(await vm.sh(`systemd-analyze verify --man=no /etc/systemd/system/${SERVICE} 2>&1; true`, 90), '')
    t.strictSame((await node.mount(fuseOptions(lab), target)).reply, SUCCESS)

    const client = await healed(t, lab, target)
    t.match(client.group, /^\/system\.slice\/run-\w+\.scope$/, 'the new client has a scope of its own')
    await vm.sh(`systemctl kill --kill-whom=all --signal=KILL ${SERVICE}`)
    await outlives(t, lab, client, target, 'the death of the service')
    await healed(t, lab, target) // systemd has started the service again
    const last = await theClient(lab)
    await vm.sh(`systemctl restart ${SERVICE}`, 90)
    await outlives(t, lab, last, target, 'a restart of the service')

    // the volume is still mounted
    t.match(await vm.sh(`${INSTALLER} --uninstall --force 2>&1`, INSTALL_S), /stop cephflex-recover\.service/)
    t.equal(await units(), '', 'no unit is left')
    t.equal((await vm.run("pgrep -f 'recover --watch'")).stdout, '', 'nothing looks any more')
    await outlives(t, lab, last, target, 'the uninstallation')
    await cleanUp(t, lab, target)
  })
}

/** The second container of the DaemonSet, in a control group, namespaces and with a command as a container runtime gives it. */
export function containerHealing(t: Test, lab: Lab, scopesWork: boolean): Promise<void> {
  const { node, vm } = lab
  return node.test(
    t,
    `the watcher of the DaemonSet, ${scopesWork ? 'with scopes' : 'without scopes'}`,
    async t => {
      const target = node.target('contained')
      await node.configure({ timeoutSeconds: 60, recovery: true })
      t.strictSame((await node.mount(fuseOptions(lab), target)).reply, SUCCESS)
      await vm.sh(
        `systemd-run --quiet --unit=${CONTAINER} --slice=kubepods.slice -p KillMode=control-group -p DefaultDependencies=no \\
      unshare --mount --cgroup ${INSTALLER} --root=/proc/1/root --exec recover --watch --reap --metrics ${METRICS}`,
      )
      await until('it looks', async () => (await vm.run(`[ -e ${METRICS} ]`)).code === 0, INSTALL_S)
      if (!scopesWork)
        await vm.sh('rm -f /run/cephflex/scope; mv /usr/bin/systemd-run /usr/bin/systemd-run.away')

      const client = await healed(t, lab, target)
      const outside = scopesWork ? /^\/system\.slice\/run-\w+\.scope$/ : /^\/init\.scope$/
      t.match(client.group, outside, 'the new client is outside of the container')
      const inside = () =>
        vm.sh(`cat /sys/fs/cgroup/kubepods.slice/${CONTAINER}/cgroup.procs 2>/dev/null; true`)
      t.not(await inside(), '', 'in which the watcher is')
      await vm.sh(`systemctl kill --kill-whom=all --signal=KILL ${CONTAINER}`)
      await until('the container is gone', async () => (await inside()) === '')
      // it may have died while it wrote the metrics: the next run is not kept waiting, and takes the lock over
      t.match(await vm.sh(node.command('metrics'), INSTALL_S), /^# HELP cephflex_/)
      await outlives(t, lab, client, target, 'the container')
      await vm.sh(`systemctl reset-failed ${CONTAINER} 2>/dev/null; rm ${METRICS}`)
      if (!scopesWork)
        await vm.sh('rm -f /run/cephflex/scope; mv /usr/bin/systemd-run.away /usr/bin/systemd-run')
      await cleanUp(t, lab, target)
    },
  )
}

function fuseOptions({ admin }: Lab): Record<string, string> {
  return { ...admin, path: '/vol1', mounter: 'fuse' }
}

type Client = { pid: string; group: string }

/** The one ceph-fuse of the guest, and its control group. */
async function theClient({ vm }: Lab): Promise<Client> {
  const pid = (await vm.sh('pgrep -x ceph-fuse')).trim()
  const group = (await vm.sh(`cat /proc/${pid}/cgroup`)).trim().replace(/^0::/, '')
  return { pid, group }
}

/** Kills the client, and waits until the volume works again by itself. @returns the new client. */
async function healed(t: Test, lab: Lab, target: string): Promise<Client> {
  const before = await theClient(lab)
  await lab.vm.sh(`kill -KILL ${before.pid}`)
  await until(
    'the volume works again',
    async () => (await lab.vm.run(`timeout 20 cat ${target}/hello`)).stdout === 'hello ceph\n',
    HEALED_S,
  )
  const after = await theClient(lab)
  t.not(after.pid, before.pid, 'by a new client')
  return after
}

async function outlives(t: Test, lab: Lab, client: Client, target: string, what: string): Promise<void> {
  t.strictSame(await theClient(lab), client, `the client outlives ${what}`)
  t.equal(await lab.vm.sh(`timeout 20 cat ${target}/hello`), 'hello ceph\n', 'and works')
}

async function cleanUp(t: Test, { node }: Lab, target: string): Promise<void> {
  t.strictSame((await node.unmount(target)).reply, SUCCESS)
  await until('nothing is left', async () => nothing(await node.leftovers()))
  await node.configure({ timeoutSeconds: 60 })
}

/** @throws Error with what is left. */
function nothing(left: string): true {
  if (left !== '') throw new Error(left)
  return true
}
