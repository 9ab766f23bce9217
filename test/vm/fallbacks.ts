import type { Test } from 'tap'
import type { Lab } from './lab.js'
import { mountedCase } from './mounting.js'

/**
 * `mounter` "auto": ceph-fuse if it works, otherwise the kernel client. At first, no fuse module is loaded.
 *
 * @param full also without a working ceph-fuse, which is the same for each engine.
 */
export async function fallbacks(t: Test, lab: Lab, name: string, full: boolean): Promise<void> {
  const { vm, node } = lab
  const options = { ...lab.admin, path: '/vol1', mounter: 'auto' }
  const fallsBack = (title: string, why: RegExp) =>
    mountedCase(t, lab, `${name}, auto: ${title}`, options, async t => {
      t.match(await node.log(), why, 'the log has the reason')
    })

  if ((await vm.run('modprobe -r fuse')).code !== 0) t.fail('a mount by FUSE was left')
  await fallsBack('no /dev/fuse', /"event":"fallback","code":"ENOFUSE".*\/dev\/fuse/)
  await vm.sh('modprobe fuse')
  await mountedCase(t, lab, `${name}, auto: FUSE works`, options, async () => undefined, 'fuse.ceph-fuse')
  if (!full) return
  await vm.sh('mv /usr/bin/ceph-fuse /usr/bin/ceph-fuse.away')
  await fallsBack('no ceph-fuse', /"code":"ENOFUSE".*ceph-fuse is not installed/)
  await vm.sh(
    "printf '#!/bin/sh\\necho broken >&2\\nexit 1\\n' >/usr/bin/ceph-fuse; chmod 755 /usr/bin/ceph-fuse",
  )
  await fallsBack('ceph-fuse fails', /"event":"fallback","code":"EMOUNT".*broken/)
  await vm.sh('mv /usr/bin/ceph-fuse.away /usr/bin/ceph-fuse')
}
