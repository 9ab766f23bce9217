import type { Test } from 'tap'
import { startCluster, type TestCluster } from '../lab/cluster.js'
import { type EngineName, type GuestNode, makeGuestNode } from '../lab/vm/guest-node.js'
import { bootVm, type Vm, type VmKind } from '../lab/vm/vm.js'
import { base64 } from '../support/volumes.js'

type Options = Record<string, string>

/** A cluster on this machine, and a VM with the packaged driver that reaches it. */
export type Lab = {
  kind: VmKind
  vm: Vm
  node: GuestNode
  cluster: TestCluster
  /** Options of volumes: the admin's with either protocol; a user of /vol1 only; one that may only read. */
  admin: Options
  adminV2: Options
  restricted: Options
  reader: Options
}

export const SPECIAL_PATH = '/a b\\#c,d="é"'
export const QUOTA = 100 * 1024 * 1024

/** Starts both; they end with the test. */
export async function startLab(t: Test, kind: VmKind): Promise<Lab> {
  const cluster = await startCluster(t)
  const [vm] = await Promise.all([bootVm(t, kind), fill(cluster)])
  const osd = 'allow rw'
  const limKey = await cluster.addUser('lim', { mds: 'allow rw path="/vol1"', mon: 'allow r', osd })
  const roKey = await cluster.addUser('ro', { mds: 'allow r', mon: 'allow r', osd: 'allow r' })
  const volume = (user: string, key: string, monitors = cluster.monitors) => ({
    monitors,
    user,
    mounter: 'kernel',
    'kubernetes.io/secret/key': base64(key),
  })
  const node = makeGuestNode(vm, kind.arch)
  await node.configure({ timeoutSeconds: 60 })
  return {
    kind,
    vm,
    node,
    cluster,
    admin: volume('admin', cluster.adminKey),
    adminV2: volume('admin', cluster.adminKey, cluster.monitorsV2),
    restricted: volume('lim', limKey),
    reader: volume('ro', roKey),
  }
}

/** The same VM, with the driver of each engine. What is not about the engine runs with Bun, which starts faster. */
export function withEachEngine(lab: Lab): [EngineName, Lab][] {
  return (['Node.js', 'Bun'] as const).map(engine => [
    engine,
    { ...lab, node: makeGuestNode(lab.vm, lab.kind.arch, engine) },
  ])
}

/** Sets whether mount(8) finds its helper in the guest. */
export async function setHelper({ vm }: Lab, isThere: boolean): Promise<void> {
  const paths = ['/usr/sbin/mount.ceph', '/usr/sbin/mount.ceph.away']
  const [from, to] = isThere ? paths.reverse() : paths
  await vm.sh(`[ ! -e ${from} ] || mv ${from} ${to}`)
}

/** Files and directories that the cases need. */
async function fill(cluster: TestCluster) {
  for (const path of ['/vol1', '/vol2', SPECIAL_PATH]) {
    await cluster.mkdir(path, { mode: 0o777 })
    await cluster.writeFile(`${path}/hello`, 'hello ceph\n')
  }
  await cluster.mkdir('/quota', { quotaBytes: QUOTA })
  await cluster.writeFile('/file', 'text')
}
