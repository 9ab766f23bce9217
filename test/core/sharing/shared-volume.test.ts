import t from 'tap'
import { mounters } from '../../../src/core/mounters/index.js'
import { Secret } from '../../../src/core/secret.js'
import { sharedVolume, sharesClient, sharingText } from '../../../src/core/sharing/shared-volume.js'
import type { VolumeOptions } from '../../../src/core/volume/volume.js'
import { KEY, LONG_KEY, volume } from '../../support/volumes.js'

const fuse = (...options: string[]) => ({ options: { fuse: options, fuseFlags: [], kernel: [] } })
const shared = (changes: Partial<VolumeOptions> = {}) => volume({ clientSharing: 'node', ...changes })

t.test('which volumes share a client', async t => {
  t.ok(sharesClient(shared(), mounters.fuse))
  t.notOk(sharesClient(shared(), mounters.kernel), 'the kernel client shares by itself')
  t.notOk(sharesClient(volume({ clientSharing: 'pod' }), mounters.fuse))
  const { clientSharing: _, ...old } = volume()
  t.notOk(sharesClient(old, mounters.fuse), 'a volume that an older release has mounted')
  t.notOk(sharesClient(shared({ path: '/a/.snap/b' }), mounters.fuse), 'a snapshot')
})

t.test('what pods must have in common', async t => {
  const idOf = (changes: Partial<VolumeOptions> = {}, cephConf = '/dev/null', key = KEY) =>
    sharingText(shared(changes), 'fuse', cephConf, new Secret(key)).reveal()
  const same: Partial<VolumeOptions>[] = [
    { readOnly: true },
    { pod: { name: 'other', uid: 'u' } },
    { fsGroup: 2000, fsGroupPolicy: 'root' },
    { timeoutS: 5 },
    fuse('noexec', 'noatime', 'nosuid', 'nodev'),
    fuse('exec'),
    { credential: { from: 'file', path: '/keys/a' } },
  ]
  for (const changes of same) t.equal(idOf(changes), idOf(), `not ${JSON.stringify(changes)}`)
  const other: Partial<VolumeOptions>[] = [
    { path: '/a' },
    { user: 'web' },
    { fsName: 'second' },
    { monitors: [{ host: '10.0.0.2', port: 6789 }] },
    fuse('sync'),
    fuse('context="system_u:object_r:container_file_t:s0"'),
    { options: { fuse: [], fuseFlags: ['--client_oc_size=1'], kernel: [] } },
  ]
  const ids = other.map(changes => idOf(changes))
  ids.push(idOf(), idOf({}, '/etc/ceph.conf'), idOf({}, '/dev/null', LONG_KEY))
  t.equal(new Set(ids).size, ids.length, 'everything that belongs to the file system, and the key')
})

t.test('what the client itself mounts', async t => {
  const given = shared({
    readOnly: true,
    fsGroup: 1,
    fsGroupPolicy: 'root',
    ...fuse('noexec', 'sync', 'noatime'),
  })
  const client = sharedVolume(given)
  t.match(client, { readOnly: false, fsGroupPolicy: 'none', pod: {} })
  t.strictSame(client.options.fuse, ['sync'])
  t.notOk('fsGroup' in client)
})
