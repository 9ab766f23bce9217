// An SELinux label among the mount options: what the client hands to the kernel, and a node without SELinux.
import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { parseClientOptions } from '../../../src/core/mount-options/mount-options.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { base64 } from '../../support/volumes.js'

const hasSelinux = /\bselinuxfs$/m.test(readFileSync('/proc/filesystems', 'utf8'))
const LABEL = 'system_u:object_r:container_file_t:s0:c1,c2'

t.test('an SELinux label', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const target = node.target()

  await t.test('reaches the kernel whole, with its commas', async t => {
    const lists = { mountOptions: `context="${LABEL}"`, fuseOptions: '', kernelOptions: '' }
    const [option = ''] = parseClientOptions(lists).options.fuse
    const argv = ['--id', 'admin', '-k', cluster.adminKeyring, '-m', cluster.monitors, '-o', option, target]
    const options = { env: { CEPH_CONF: cluster.conf }, reject: false, timeout: 30_000 }
    const { all } = await execa('strace', ['-f', '-s', '300', '-e', 'trace=mount', 'ceph-fuse', ...argv], {
      ...options,
      all: true,
    })
    t.match(all, `context=\\"${LABEL}\\",`)
    await execa('umount', ['-c', '-l', target], { reject: false })
  })

  await t.test('on a node without SELinux', { skip: hasSelinux }, async t => {
    const options = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
    for (const mounter of ['auto', 'fuse', 'kernel'])
      for (const mountOptions of [`context="${LABEL}"`, 'noatime,fscontext=a:b:c:s0']) {
        const { reply } = await node.mount(target, { ...options, mounter, mountOptions })
        t.match(
          reply.message,
          /^EOPTION: this node does not run SELinux, .*"(fs)?context" needs\. Hint: remove/,
        )
      }
    t.strictSame(node.leftovers(), NOTHING)
  })
})
