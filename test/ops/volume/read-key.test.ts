import t from 'tap'
import { readKey } from '../../../src/ops/volume/read-key.js'
import { fakeSystem } from '../../support/fake-system.js'
import { KEY } from '../../support/volumes.js'

const { system } = fakeSystem({
  config: { secretDirectories: ['/etc/ceph-keys'] },
  tree: {
    '/etc': 'directory',
    '/etc/ceph-keys': 'directory',
    '/etc/ceph-keys/web': { text: KEY },
    '/etc/ceph-keys/out': { link: '/etc/shadow' },
    '/etc/ceph-keys/dir': 'directory',
    '/etc/ceph-keys/big': { text: `${KEY}${'\n'.repeat(64 * 1024)}` },
    '/etc/ceph-keys2': 'directory',
    '/etc/ceph-keys2/web': { text: KEY },
    '/etc/shadow': { text: KEY },
    '/etc/link': { link: '/etc/ceph-keys' },
  },
})
const read = (path: string) => readKey(system, { credential: { from: 'file', path }, user: 'web' })

t.equal(read('/etc/ceph-keys/web').reveal(), KEY)
t.equal(read('/etc/link/web').reveal(), KEY, 'a link that leads into it')

const REFUSED = {
  'a file elsewhere': '/etc/shadow',
  'a link that leads out of it': '/etc/ceph-keys/out',
  'a directory whose name only begins like it': '/etc/ceph-keys2/web',
  'a directory': '/etc/ceph-keys/dir',
  'a file that is too large': '/etc/ceph-keys/big',
  'no file': '/etc/ceph-keys/none',
  'no file elsewhere': '/etc/none',
}
for (const [title, path] of Object.entries(REFUSED))
  t.throws(
    () => read(path),
    {
      code: 'EBADKEY',
      message: `secretFile ${path} is not a readable file below a directory in secretDirectories`,
    },
    `${title}: the same message, which does not reveal whether it exists`,
  )
