import { chmodSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { execa } from 'execa'
import type { Test } from 'tap'
import { readSpec } from '../../../src/ops/dev-cluster/state.js'
import { stopDevCluster } from '../../../src/ops/dev-cluster/stop.js'
import { newClusterDir, type TestCluster, useCluster } from '../cluster.js'

/** A Debian release, by its code name. */
export type Suite = 'bullseye' | 'bookworm' | 'trixie' | 'forky'

export type CephRelease = {
  /** For example `14.2.21`, as printed by its own ceph-fuse. */
  version: string
  major: number
  /** For the node configuration: a directory with a `ceph-fuse` that runs the one of this release. */
  searchPath: string[]
  /** Shares a directory with the programs of the release until the test ends. Their mounts in it are visible here. */
  share: (t: Test, directory: string) => Promise<void>
  /** A cluster of this release, run by its own servers. 2 s. */
  startCluster: (t: Test) => Promise<TestCluster>
}

/** Enough for slow machines. A release that is not in the cache takes a minute. */
const ROOT_MS = 280_000
const START_MS = 90_000

/** A Node.js that also runs with the libraries of old releases, unlike that of this machine. */
const portableNode = `node_modules/node-linux-${process.arch}/bin/node`

/**
 * A release of Ceph in a root of its own: its ceph-fuse and servers run there
 * (chroot) with their own libraries, on this machine's kernel and /dev. The
 * root is read-only; the mounts end with the test.
 */
export async function openRelease(t: Test, suite: Suite): Promise<CephRelease> {
  const made = await execa('sh', ['test/lab/ceph/root.sh', suite], { timeout: ROOT_MS })
  const home = mkdtempSync('/tmp/cephflex-release-')
  const root = `${home}/root`
  const bin = `${home}/bin`
  for (const directory of [root, bin]) mkdirSync(directory)
  t.teardown(async () => {
    await execa('umount', ['-R', '-l', root], { reject: false })
    rmSync(bin, { recursive: true })
    rmdirSync(root)
    rmdirSync(home)
  })
  await mount('--bind', made.stdout, root)
  await mount('--make-private', root)
  await mount('-o', 'remount,bind,ro', root)
  for (const name of ['tmp', 'run']) await mount('-t', 'tmpfs', 'tmpfs', `${root}/${name}`)
  for (const name of ['dev', 'proc']) await mount('--rbind', `/${name}`, `${root}/${name}`)
  // umount -R must not propagate to this machine's own mounts
  for (const name of ['dev', 'proc']) await mount('--make-rprivate', `${root}/${name}`)
  const wrapper = `${bin}/ceph-fuse`
  writeFileSync(wrapper, `#!/bin/sh\nexec chroot '${root}' /usr/bin/ceph-fuse "$@"\n`)
  chmodSync(wrapper, 0o755)
  const { stdout } = await execa(wrapper, ['--version'])
  const version = /^ceph version (\S+)/.exec(stdout)?.[1] ?? ''
  return {
    version,
    major: Number(version.split('.')[0]),
    searchPath: [bin],
    share: (t, directory) => share(t, root, directory),
    startCluster: async t => {
      const place = newClusterDir()
      mkdirSync(place)
      t.teardown(() => rmSync(place, { recursive: true }))
      await share(t, root, place)
      const project = `${root}/tmp/project`
      mkdirSync(project)
      await mount('--bind', resolve('.'), project)
      const dir = `${place}/c`
      t.teardown(() => stopDevCluster(dir))
      const inside = `/tmp/${basename(project)}`
      const program = [`${inside}/${portableNode}`, `${inside}/dist/bin/cephflex.js`]
      const start = ['chroot', root, ...program, 'dev-cluster', 'start', dir, '--second-fs']
      // an empty environment: tap adds its loader to every child
      await execa('env', ['-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', ...start], { timeout: START_MS })
      return useCluster(t, readSpec(dir))
    },
  }
}

/** Bind-mounts a directory below a root. Mounts in it are visible on both sides. */
async function share(t: Test, root: string, directory: string) {
  // a mount of its own, so that only mounts in this directory are shared
  await mount('--bind', directory, directory)
  t.teardown(() => execa('umount', ['-c', '-l', directory]))
  await mount('--make-private', directory)
  await mount('--make-shared', directory)
  mkdirSync(`${root}${directory}`, { recursive: true })
  await mount('--bind', directory, `${root}${directory}`)
}

function mount(...args: string[]) {
  return execa('mount', args)
}
