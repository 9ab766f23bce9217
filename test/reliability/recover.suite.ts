// A client dies or is evicted under a running pod: the volume is mounted again on the same directory.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import type { RecoveryReport } from '../../src/core/recover/recovery.js'
import { startCluster } from '../lab/cluster.js'
import { evictAll } from '../lab/evict.js'
import { makeNode, NOTHING, type TestNode } from '../lab/node.js'
import { signal } from '../lab/signal.js'
import { until } from '../lab/until.js'
import { cephflex } from '../support/cli.js'
import { base64 } from '../support/volumes.js'

/** A container: a mount namespace with a bind mount of the volume, as a container runtime makes it. */
const startPod = async (t: Test, node: TestNode, target: string, propagation: 'rslave' | 'rprivate') => {
  const inside = `${node.dir}/container-${propagation}`
  mkdirSync(inside, { recursive: true })
  const script = `mount --rbind "$1" "$2"; mount --make-${propagation} "$2"; echo ready; exec sleep 600`
  const pod = execa('unshare', ['-m', '--propagation', 'slave', 'sh', '-ec', script, 'pod', target, inside], {
    reject: false,
    stdin: 'ignore',
    buffer: false,
  })
  t.teardown(async () => {
    pod.kill('SIGKILL')
    await pod
  })
  await new Promise(resolve => pod.stdout.once('data', resolve))
  const inPod = (...command: string[]) =>
    execa('nsenter', ['-t', String(pod.pid), '-m', '--', ...command], { reject: false, timeout: 20_000 })
  return {
    pid: pod.pid ?? 0,
    inside,
    inPod,
    end: async () => {
      pod.kill('SIGKILL')
      await pod
    },
  }
}

const recover = async (node: TestNode, ...args: string[]): Promise<RecoveryReport[]> => {
  const { out, err } = await cephflex(['recover', '--json', ...args], { env: node.environment })
  try {
    return JSON.parse(out) as RecoveryReport[]
  } catch {
    throw new Error(`no JSON: ${out} ${err}`)
  }
}

const daemonOf = (node: TestNode): number => node.clientState()?.process?.pid ?? Number.NaN

const gone = async (pid: number) => {
  for (let i = 0; i < 200; i += 1) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return
    } catch {
      return
    }
    await sleep(10)
  }
}

const killClient = async (node: TestNode) => {
  const pid = daemonOf(node)
  signal(pid, 'SIGKILL')
  await gone(pid)
}

/** A node whose targets are on a shared mount, which is the default with systemd. */
const sharedNode = async (t: Test, config: Record<string, unknown>) => {
  const node = makeNode(t, config)
  mkdirSync(`${node.dir}/pods`)
  await execa('mount', ['-t', 'tmpfs', '-o', 'mode=750', 'pods', `${node.dir}/pods`])
  t.teardown(() => execa('umount', ['-l', `${node.dir}/pods`], { reject: false }))
  await execa('mount', ['--make-shared', `${node.dir}/pods`])
  return node
}

/**
 * Mounts file systems until no number for one below that of the target is free: the kernel gives the lowest, so a new
 * client of the target gets the number of the one that it replaces.
 *
 * @returns what unmounts them.
 */
const takeNumbers = async (node: TestNode, target: string): Promise<() => Promise<unknown>> => {
  const minorOf = (path: string) => Number(node.mountsOn(path).at(-1)?.device.split(':')[1])
  const taken: string[] = []
  do {
    const path = `${node.dir}/number-${taken.length}`
    mkdirSync(path, { recursive: true })
    await execa('mount', ['-t', 'tmpfs', 'number', path])
    taken.push(path)
  } while (minorOf(taken.at(-1) ?? '') < minorOf(target))
  return () => execa('umount', taken)
}

const cluster = await startCluster(t)

for (const clientSharing of ['node', 'pod'] as const)
  t.test(`recover, clientSharing: ${clientSharing}`, async t => {
    const volume = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
    const success = { status: 'Success' }
    const kept = (node: TestNode) => node.leftovers().files.filter(file => file.includes('/kept/'))
    const clean = async (t: Test, node: TestNode, target: string) => {
      t.strictSame((await node.unmount(target)).reply, success)
      const { mounts, ...left } = await node.settled()
      const { mounts: _, ...nothing } = NOTHING
      t.strictSame(
        [mounts.filter(path => path !== `${node.dir}/pods`), left],
        [[], nothing],
        'nothing is left, nor a key',
      )
    }

    await t.test('a killed client, under pods with and without propagation', async t => {
      const node = await sharedNode(t, { clientSharing, recovery: true })
      const target = node.target()
      t.strictSame((await node.mount(target, volume)).reply, success)
      t.equal(kept(node).length, 1, 'the key is kept')
      t.equal(statSync(kept(node)[0] ?? '').mode & 0o777, 0o600, 'only root can read it')
      const sees = await startPod(t, node, target, 'rslave')
      const blind = await startPod(t, node, target, 'rprivate')
      await sees.inPod('sh', '-c', `echo before > ${sees.inside}/file; sync ${sees.inside}/file`)

      for (const round of [1, 2]) {
        await killClient(node)
        await evictAll(cluster)
        const dead = await sees.inPod('cat', `${sees.inside}/file`)
        t.match(dead.stderr, /not connected/, `${round}: the pod has lost it`)
        // a pod that keeps writing during the recovery: nothing may reach the disk of the node
        const writer = sees.inPod(
          'sh',
          '-c',
          `for i in $(seq 300); do echo x > ${sees.inside}/w.$i; done 2>/dev/null; true`,
        )
        const needed = await recover(node, '--dry-run')
        t.match(needed, [{ target, was: 'dead', outcome: 'needed' }], 'a dry run reports it')
        const freeNumbers = await takeNumbers(node, target)
        const [found, ...more] = await recover(node, '--all')
        await freeNumbers()
        await writer
        t.match(found, { target, client: 'fuse', was: 'dead', outcome: 'recovered', restart: true })
        t.strictSame(
          found?.holders?.map(({ pid }) => pid),
          [blind.pid],
          'it names the pod that does not see the new mount',
        )
        t.strictSame(more, [])
        t.equal(
          (await sees.inPod('cat', `${sees.inside}/file`)).stdout,
          'before',
          'the pod can read again without a restart',
        )
        t.equal(
          (await sees.inPod('sh', '-c', `echo ${round} > ${sees.inside}/again`)).exitCode,
          0,
          'and writes',
        )
        t.equal(readFileSync(`${target}/again`, 'utf8'), `${round}\n`, 'to the volume')
        t.equal(node.mountsOn(target).length, 2, 'the new mount covers the first')
        t.strictSame(await recover(node), [], 'a second call has nothing to do')
        t.strictSame(
          (await node.mount(target, volume)).reply,
          success,
          'a mount call accepts the recovered mount',
        )
        t.equal(node.mountsOn(target).length, 2, 'and does not change it')
      }
      await sees.end()
      await blind.end()
      await clean(t, node, target)
      t.strictSame(readdirSync(target), [], 'nothing was written to the disk below')
    })

    await t.test('without a key that is kept, or with secretFile', async t => {
      const node = makeNode(t, { clientSharing })
      const target = node.target()
      await node.mount(target, volume)
      t.strictSame(kept(node), [], 'no key is kept by default')
      await killClient(node)
      const before = node.mountsOn(target)
      t.match(await recover(node, '--target', target), [
        { outcome: 'failed', code: 'ENOKEY', hint: /recovery/ },
      ])
      t.strictSame(node.mountsOn(target), before, 'the mount is unchanged')
      const text = await cephflex(['recover'], { env: node.environment })
      t.match(text, { code: 1, out: /^failed: .*\n {2}ENOKEY: .*\n {2}hint: / })
      t.match(await cephflex(['recover', '--target', '/nowhere/x'], { env: node.environment }), {
        code: 1,
        err: /EBADREQUEST/,
      })
      await clean(t, node, target)

      mkdirSync(`${node.dir}/keys`, { mode: 0o700 })
      writeFileSync(`${node.dir}/keys/admin`, cluster.adminKey, { mode: 0o600 })
      const filed = makeNode(t, { clientSharing, secretDirectories: [`${node.dir}/keys`] })
      const other = filed.target()
      const options = { monitors: cluster.monitors, secretFile: `${node.dir}/keys/admin` }
      t.strictSame((await filed.mount(other, options)).reply, success)
      await killClient(filed)
      t.match(await recover(filed, '--target', other), [{ outcome: 'recovered', restart: false }])
      t.equal(kept(filed).length, 0)
      await clean(t, filed, other)
    })

    await t.test('an evicted client, and a volume that was unmounted by hand', async t => {
      const node = makeNode(t, { clientSharing, recovery: true })
      const target = node.target()
      await node.mount(target, volume)
      const adminSocket = node.clientState()?.adminSocket ?? ''
      const { stdout } = await execa('ceph', ['--admin-daemon', adminSocket, 'status'], {
        env: { CEPH_CONF: cluster.conf },
      })
      const { inst_str: instance } = JSON.parse(stdout) as { inst_str: string }
      await cluster.command({ prefix: 'osd blocklist', blocklistop: 'add', addr: instance.split(' ')[1] })
      await evictAll(cluster)
      let found: RecoveryReport[] = []
      for (let i = 0; i < 40 && found.length === 0; i += 1) {
        await sleep(250)
        found = await recover(node)
      }
      t.match(found, [{ was: 'evicted', outcome: 'recovered' }])
      t.doesNotThrow(() => writeFileSync(`${target}/works`, ''), 'it works again')

      for (const _ of [1, 2]) await execa('umount', ['-c', '-l', target])
      t.strictSame(node.mountsOn(target), [])
      t.match(await recover(node), [{ was: 'gone', outcome: 'recovered', restart: true }])
      t.ok(readdirSync(target).includes('works'), 'the volume is mounted again')
      await execa('umount', ['-c', '-l', target])
      writeFileSync(`${target}/local`, 'written by a pod')
      t.match(
        await recover(node),
        [{ was: 'gone', outcome: 'failed', code: 'ENOTEMPTY' }],
        'files of the node are not covered',
      )
      t.equal(readFileSync(`${target}/local`, 'utf8'), 'written by a pod')
      await execa('rm', [`${target}/local`])
      await clean(t, node, target)
    })

    await t.test('a recovery that fails or is killed leaves the target as it was', async t => {
      const node = makeNode(t, { clientSharing, recovery: true, timeoutSeconds: 6 })
      const target = node.target()
      await node.mount(target, volume)
      await killClient(node)
      const before = node.mountsOn(target).map(({ id }) => id)
      await cluster.ctl('mds', 'pause')
      t.match(await recover(node), [{ outcome: 'failed', code: /E(TIMEOUT|NOANSWER)/ }])
      t.strictSame(
        node.mountsOn(target).map(({ id }) => id),
        before,
      )
      const child = node.start(['recover'])
      const place = clientSharing === 'node' ? 'shared' : 'private'
      const isStarting = () =>
        node.leftovers().processes.some(line => line.startsWith('ceph-fuse') && line.includes(`/${place}/`))
      await until('recover starts a client', isStarting)
      child.kill('SIGKILL')
      await child
      await cluster.ctl('mds', 'resume')
      t.match(await recover(node), [{ outcome: 'recovered' }], 'the next one works')
      t.equal(node.leftovers().processes.filter(line => line.includes('ceph-fuse')).length, 1, 'one client')
      const places = existsSync(`${node.runDirectory}/private`)
        ? readdirSync(`${node.runDirectory}/private`)
        : []
      t.strictSame(places, [], 'no private directory is left')
      await clean(t, node, target)
    })
  })
