import { fail, isRefusal, pass, skip, type Verdict, warn } from './check.js'
import type { ClientFacts, NodeFacts } from './node-facts.js'

const INSTALL_FUSE = 'apt-get install -y ceph-fuse   (or: dnf install -y ceph-fuse)'
const INSTALL_COMMON = 'apt-get install -y ceph-common   (or: dnf install -y ceph-common)'

const UNSEEN = 'this container may not open /dev/fuse, which says nothing about the node: run doctor there'

/** Checks one thing on a node. */
export type NodeCheck = (facts: NodeFacts) => Verdict

/** The checks of both clients by name, in the order of the report. */
export const CLIENT_CHECKS: Readonly<Record<string, NodeCheck>> = {
  client,
  'ceph-fuse': fuse,
  'mount.fuse.ceph': helper,
  '/dev/fuse': device,
  fusectl,
  'kernel-module': kernelModule,
  'mount.ceph': mountCeph,
  'systemd-scope': scope,
}

/** Whether a volume can be mounted at all. The next checks report what is missing. */
function client({ clients }: NodeFacts): Verdict {
  const names = [canFuse(clients) ? 'ceph-fuse' : '', canKernel(clients) ? 'the kernel client' : ''].filter(
    Boolean,
  )
  if (names.length > 0 && isUnseen(clients) && !canKernel(clients))
    return skip(`ceph-fuse is installed; ${UNSEEN}`)
  if (names.length > 0) return pass(`${names.join(' and ')} can be used`)
  return fail('neither ceph-fuse nor the kernel client can be used', INSTALL_FUSE, 'ENOFUSE')
}

function fuse({ clients }: NodeFacts): Verdict {
  const other = canKernel(clients)
  if (clients.fuse === undefined) return missing(other, 'ceph-fuse is not installed', INSTALL_FUSE)
  if (clients.fuseVersion === undefined)
    return missing(other, `${clients.fuse} does not run`, `${clients.fuse} --version; ldd ${clients.fuse}`)
  return pass(`${clients.fuse}, version ${clients.fuseVersion}`)
}

function helper({ clients }: NodeFacts): Verdict {
  return clients.fuseHelper === undefined
    ? missing(canKernel(clients), 'mount.fuse.ceph is not in /sbin or /usr/sbin', INSTALL_FUSE)
    : pass(clients.fuseHelper)
}

function device({ clients }: NodeFacts): Verdict {
  if (isUnseen(clients)) return skip(UNSEEN)
  return clients.deviceProblem === undefined
    ? pass('/dev/fuse can be opened')
    : missing(
        canKernel(clients),
        `/dev/fuse cannot be opened (${clients.deviceProblem})`,
        'modprobe fuse && ls -l /dev/fuse',
      )
}

function fusectl({ clients }: NodeFacts): Verdict {
  if (clients.fusectl) return pass('/sys/fs/fuse/connections exists: a hung mount can be aborted')
  if (clients.fuse === undefined || !(clients.deviceProblem === undefined || isUnseen(clients)))
    return skip('ceph-fuse cannot be used on this node')
  return warn(
    'fusectl is not mounted: a hung ceph-fuse could not be aborted',
    'mount -t fusectl fusectl /sys/fs/fuse/connections',
  )
}

function kernelModule({ clients }: NodeFacts): Verdict {
  if (clients.moduleLoaded) return pass(`the ceph module is loaded, kernel ${clients.kernelRelease}`)
  if (clients.moduleAvailable)
    return pass(`the ceph module of kernel ${clients.kernelRelease} is loaded on demand`)
  return missing(
    canFuse(clients),
    `kernel ${clients.kernelRelease} has no ceph module`,
    'install the extra modules of this kernel (linux-modules-extra, kernel-modules-extra), then: modprobe ceph',
  )
}

function mountCeph({ clients }: NodeFacts): Verdict {
  if (clients.mountCeph !== undefined) return pass(clients.mountCeph)
  if (!canKernel(clients)) return skip('the kernel client cannot be used on this node')
  return warn(
    'mount.ceph is not installed: the kernel client works, but reports fewer details',
    INSTALL_COMMON,
  )
}

function scope({ scope }: NodeFacts): Verdict {
  if (scope === 'works') return pass('each ceph-fuse gets its own systemd scope and outlives the kubelet')
  if (scope === 'none') return skip('systemd is not running on this node')
  if (scope === 'untried')
    return skip('systemd scopes cannot be tried in a container: run doctor on the node')
  return warn(
    'systemd scopes do not work: "systemctl restart kubelet" would kill every ceph-fuse',
    'systemd-run --scope --quiet true; journalctl -n 20',
  )
}

/** A missing part is not a failure if the other client works: some distributions have only one of the two. */
function missing(other: boolean, message: string, fix: string): Verdict {
  return other ? skip(`${message}; the other client can be used`) : fail(message, fix)
}

function canFuse(clients: ClientFacts): boolean {
  const { fuse, fuseVersion, fuseHelper, deviceProblem } = clients
  const hasDevice = deviceProblem === undefined || isUnseen(clients)
  return fuse !== undefined && fuseVersion !== undefined && fuseHelper !== undefined && hasDevice
}

/** Whether the rules of a container hide the device, and not those that a call has. */
function isUnseen({ deviceProblem, inContainer }: ClientFacts): boolean {
  return inContainer && isRefusal(deviceProblem)
}

function canKernel({ moduleLoaded, moduleAvailable }: ClientFacts): boolean {
  return moduleLoaded || moduleAvailable
}
