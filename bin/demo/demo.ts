import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { interruptSignal } from '../../src/cli/interrupts.js'
import type { CommandIo } from '../../src/cli/terminal/command-io.js'
import { QUOTA_XATTR } from '../../src/core/ceph/xattrs.js'
import { clusterEnv } from '../../src/core/dev-cluster/env.js'
import { keyFrom } from '../../src/core/dev-cluster/keys.js'
import type { ClusterSpec } from '../../src/core/dev-cluster/spec.js'
import { CephflexError } from '../../src/core/errors.js'
import { startDevCluster } from '../../src/ops/dev-cluster/start.js'
import { stopDevCluster } from '../../src/ops/dev-cluster/stop.js'
import { sharedKeyringDirectory } from '../../src/ops/target/keyring.js'
import { openRadosSession } from '../../src/system/ceph/rados-session.js'
import { files } from '../../src/system/files.js'
import { asyncFiles } from '../../src/system/programs.js'
import { makeDemoNode } from './node.js'
import { makePrinter, type Printer } from './printer.js'

const PATH = '/volumes/team-a'
const QUOTA = 100 * 1024 * 1024
const CAPS = ['mon', 'allow r', 'mds', `allow rw path="${PATH}"`, 'osd', 'allow rw']

/** Runs the driver on a real, temporary cluster and prints each step. @returns the exit code. */
export async function demo(driver: string, io: CommandIo): Promise<number> {
  const directory = `${tmpdir()}/cephflex-demo-${randomBytes(3).toString('hex')}`
  const signal = interruptSignal()
  const print = makePrinter(io)
  try {
    const start = performance.now()
    const spec = await startDevCluster(`${directory}/ceph`, { signal })
    print.title('start a Ceph cluster: one monitor, OSD and MDS', performance.now() - start)
    print.line('in', directory)
    await play(spec, directory, driver, print)
    return 0
  } catch (error) {
    if (!(error instanceof CephflexError)) throw error
    io.err(`${error.code}: ${error.message}\n  hint: ${error.hint}`)
    return 1
  } finally {
    const start = performance.now()
    await stopDevCluster(`${directory}/ceph`)
    await asyncFiles.remove(directory)
    files.removeDirectory(sharedKeyringDirectory(`${directory}/run`))
    print.title('stop the cluster and remove its files', performance.now() - start)
  }
}

async function play(spec: ClusterSpec, directory: string, driver: string, print: Printer): Promise<void> {
  const env = clusterEnv(spec)
  const node = await makeDemoNode(directory, driver, print)
  const adminKey = keyFrom(files.read(env.CEPHFLEX_ADMIN_KEYRING) ?? '')?.reveal() ?? ''
  const admin = { monitors: env.CEPHFLEX_MONITORS, 'kubernetes.io/secret/key': base64(adminKey) }

  await node.init()
  const root = await node.mount('mount the whole file system as client.admin', 'admin-pod', admin)
  await node.inPod(
    'create a directory with a quota and "-" in its name',
    root,
    `mkdir -p .${PATH} && setfattr -n ${QUOTA_XATTR} -v ${QUOTA} .${PATH} && ls -d .${PATH}`,
  )
  const key = await makeUser(spec, print)
  const team = {
    monitors: env.CEPHFLEX_MONITORS,
    user: 'team-a',
    path: PATH,
    'kubernetes.io/secret/key': base64(key),
  }
  const data = await node.mount('mount the directory as this user, for a pod', 'pod-1', {
    ...team,
    'kubernetes.io/readwrite': 'rw',
  })
  await node.inPod('the pod writes a file', data, 'echo hello ceph > hello && sync -f . && cat hello')
  await node.inPod(
    'the pod sees the quota as the size of its volume',
    data,
    'df -h --output=fstype,size,used,avail .',
  )
  const readOnly = await node.mount('mount it read-only for a second pod', 'pod-2', {
    ...team,
    'kubernetes.io/readwrite': 'ro',
  })
  await node.inPod('the second pod reads the file, but cannot write', readOnly, 'cat hello; touch new', true)
  await node.mount(
    'refuse to mount it for a third pod, which has a wrong key',
    'pod-3',
    { ...team, 'kubernetes.io/secret/key': base64(adminKey) },
    'Failure',
  )
  for (const pod of ['pod-2', 'pod-1', 'admin-pod']) await node.unmount(`unmount: ${pod} was deleted`, pod)
}

function base64(text: string) {
  return Buffer.from(text).toString('base64')
}

async function makeUser(spec: ClusterSpec, print: Printer): Promise<string> {
  const start = performance.now()
  const session = openRadosSession({
    conf: clusterEnv(spec).CEPH_CONF,
    user: 'client.admin',
    timeoutMs: 20_000,
  })
  try {
    const answer = await session.command('mon', {
      prefix: 'auth get-or-create',
      entity: 'client.team-a',
      caps: CAPS,
    })
    print.title('create a Ceph user with caps for this directory only', performance.now() - start)
    print.line('caps', CAPS.join(' '))
    return (answer as { key: string }[])[0]?.key ?? ''
  } finally {
    await session.close()
  }
}
