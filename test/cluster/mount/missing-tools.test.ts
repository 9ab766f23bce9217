// A program that is missing or does not start is named, and nothing else is blamed.
import { mkdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { CALL_PROGRAMS } from '../../../src/core/programs.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, type TestNode } from '../../lab/node.js'
import { inNamespace, type Run, resultsOf } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

t.test('programs', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const volume = {
    monitors: cluster.monitors,
    mounter: 'fuse',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  const { dir } = node

  /** Shell commands that replace /usr/bin by links to all its programs but one. */
  const without = (tool: string) =>
    `mkdir -p ${dir}/bin ${dir}/real; mount -t tmpfs none ${dir}/bin; mount --bind /usr/bin ${dir}/real
     cp -s ${dir}/real/* ${dir}/bin/ 2>/dev/null || :; rm ${dir}/bin/${tool}; mount --bind ${dir}/bin /usr/bin`
  /** Shell commands that replace a program by one that does not start. */
  const broken = (tool: string) =>
    `echo '#!/no/such/interpreter' > ${dir}/broken; chmod 755 ${dir}/broken; mount --bind ${dir}/broken /usr/bin/${tool}`
  const call = (prepare: string, args: string[], env: TestNode['environment']) =>
    inNamespace(prepare, args, { env: { ...env, PATH: process.env['PATH'] ?? '' } })
  const fails = (t: Test, { out }: Run, message: RegExp) => {
    const reply = JSON.parse(out) as { status: string; message: string }
    t.match(reply, { status: 'Failure', message })
  }

  const CASES: [tool: string, hide: (tool: string) => string, options: Record<string, string>][] = [
    ['stat', without, volume],
    ['getent', without, { ...volume, monitors: 'localhost' }],
    ['chgrp', without, { ...volume, fsGroupPolicy: 'root', 'kubernetes.io/fsGroup': '1234' }],
    ['ceph-fuse', broken, volume],
    ['mount', broken, { ...volume, mounter: 'kernel' }],
  ]
  for (const [tool, hide, options] of CASES)
    await t.test(tool, async t => {
      // not the volume of a pod, since no container runtime sees a mount in this namespace
      const target = `${dir}/by-hand-${tool}`
      mkdirSync(target)
      const args = ['mount', target, JSON.stringify(options)]
      const reason = hide === without ? 'is not installed on this node' : 'cannot be started \\(ENOENT\\)'
      fails(t, await call(hide(tool), args, node.environment), new RegExp(`^ENOTOOL: ${tool} ${reason}`))
    })

  await t.test('umount', async t => {
    const target = node.target('unmounted')
    t.equal((await node.mount(target, volume)).reply.status, 'Success')
    const hidden = without('umount')
    fails(t, await call(hidden, ['unmount', target], node.environment), /^ENOTOOL: umount is not installed/)
    const doctor = resultsOf(await call(hidden, ['doctor', '--json'], node.environment))
    t.match(doctor['programs'], { status: 'fail', code: 'ENOTOOL', message: /umount, for every unmount/ })
    for (const name of Object.keys(CALL_PROGRAMS))
      t.match(doctor['programs']?.message, name, `doctor lists ${name}`)
    t.equal((await node.unmount(target)).reply.status, 'Success')
  })
})
