import t from 'tap'
import { fuseProblems } from '../../../src/core/mounters/fuse-check.js'

const good = { helper: '/sbin/mount.fuse.ceph', program: '/usr/bin/ceph-fuse', deviceProblem: undefined }

t.strictSame(fuseProblems(good), [], 'helper, program and device: no problem')
t.match(fuseProblems({ ...good, helper: undefined }), [/mount\.fuse\.ceph/], 'a missing helper is named')
t.match(
  fuseProblems({ ...good, program: undefined }),
  [/ceph-fuse is not installed/],
  'a missing program is named',
)
t.match(
  fuseProblems({ ...good, deviceProblem: 'ENOENT' }),
  [/\/dev\/fuse .*ENOENT/],
  'a missing device is named',
)
t.equal(
  fuseProblems({ helper: undefined, program: undefined, deviceProblem: 'EPERM' }).length,
  3,
  'each part that is missing has its own reason',
)
