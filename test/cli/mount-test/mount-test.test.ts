import t from 'tap'
import { cephflex } from '../../support/cli.js'

const SOURCE = { driver: 'cephflex/cephfs', options: { monitors: '10.0.0.1' } }
const SECRET = { kind: 'Secret', metadata: { name: 's' }, type: 'cephflex/cephfs', data: {} }
const pv = (flexVolume: object) => ({
  kind: 'PersistentVolume',
  metadata: { name: 'web' },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany'], flexVolume },
})

t.test('a volume without a key: the objects show why', async t => {
  const errors: [flexVolume: object, message: RegExp, hint: RegExp][] = [
    [SOURCE, /EBADKEY: .*no secretRef, so the kubelet passes no key/, /hint: set secretRef.name/],
    [{ ...SOURCE, secretRef: 's' }, /EBADKEY: .*secretRef has no name/, /hint: set secretRef.name/],
    [{ ...SOURCE, secretRef: { name: 't' } }, /EBADKEY: .*the file contains "s"/, /hint: correct secretRef/],
    [{ ...SOURCE, secretRef: { name: 's' } }, /EBADKEY: .*the Secret has no entries/, /hint: add the key/],
  ]
  for (const [flexVolume, message, hint] of errors) {
    const input = `${JSON.stringify(pv(flexVolume))}\n---\n${JSON.stringify(SECRET)}`
    const { code, err } = await cephflex(['mount-test', '--options', '-', '--dry-run'], { input })
    t.equal(code, 1)
    t.match(err, message)
    t.match(err, hint)
  }
})
