import type { Test } from 'tap'
import { base64, KEY } from '../support/volumes.js'
import { failingCase } from './failing.js'
import type { Lab } from './lab.js'
import { mountedCase } from './mounting.js'

/** What depends on the engine: `init`, a mount and its unmount, and a mount that fails. */
export async function engineCases(t: Test, lab: Lab, name: string): Promise<void> {
  const { node, vm, admin } = lab
  await node.test(t, `${name}: init`, async t => {
    t.equal((await node.call('init')).reply.status, 'Success')
  })
  const { mounter = '', ...unconfigured } = admin
  // without ceph-fuse, as on arm64, nothing needs to be configured
  const options = { ...unconfigured, ...(lab.kind.arch === 'amd64' && { mounter }), path: '/vol1' }
  await mountedCase(t, lab, `${name}: mount`, options, async t => {
    t.equal(await vm.sh(`cat ${node.target()}/hello`), 'hello ceph\n')
  })
  const wrongKey = { 'kubernetes.io/secret/key': base64(KEY) }
  await failingCase(t, lab, `${name}: a wrong key`, { ...admin, ...wrongKey }, /^EREFUSED: /)
}
