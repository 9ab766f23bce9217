import t from 'tap'
import { propagationFact } from '../../../src/ops/doctor/propagation-fact.js'
import { fakeSystem } from '../../support/fake-system.js'

const NODE = '26 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n'
const FIRST = 'pid:[4026531836]'

const factFor = (kubelet: string, { space = FIRST, node = NODE, runtime = '' } = {}) => {
  const fake = fakeSystem({
    tree: {
      '/proc': 'directory',
      '/proc/1': 'directory',
      '/proc/42': 'directory',
      '/proc/42/comm': { text: 'kubelet\n' },
      '/proc/42/cmdline': { text: 'kubelet\0' },
      '/proc/42/mountinfo': { text: kubelet },
      '/proc/42/root': { link: '/' },
      '/proc/1/root': { link: '/' },
      '/proc/1/mountinfo': { text: node },
      '/proc/1/ns/pid': { link: space },
      '/proc/7/mountinfo': { text: runtime },
    },
  })
  if (runtime !== '')
    fake.running.push({
      pid: 7,
      startTime: '1',
      name: 'containerd',
      state: 'S',
      group: 7,
      argv: ['containerd'],
    })
  return propagationFact(fake.system)
}

const OWN = (fields: string) => `126 1 254:0 / / rw ${fields} - ext4 /dev/vda rw\n`

t.match(factFor(NODE), { reaches: true, why: /same mount namespace/ })
t.match(factFor(OWN('shared:1')), { reaches: true, why: /reach the node/ }, 'its own, shared with the node')
t.match(factFor(OWN('shared:9'), { node: NODE.replace('shared:1', 'master:9') }), { reaches: true })
for (const fields of ['', 'master:1', 'shared:9 master:1', 'shared:9'])
  t.match(factFor(OWN(fields)), { reaches: false, why: /do not reach/ }, fields || 'private')
t.match(
  factFor(OWN('master:1'), { runtime: OWN('master:1') }),
  { reaches: true },
  'the runtime is there, too',
)
t.match(
  factFor(
    '126 1 0:44 / / rw - overlay x rw\n127 126 254:0 /data/k /var/lib/kubelet rw shared:1 - ext4 x rw\n',
  ),
  { reaches: false, why: /\/var\/lib\/kubelet of the kubelet, process 42, is another directory/ },
)
t.match(factFor(OWN('master:1'), { space: 'pid:[4026532000]' }), { reaches: undefined }, 'a PID namespace')
t.match(factFor(OWN('shared:1'), { space: 'pid:[4026532000]' }), { reaches: true })
t.equal(propagationFact(fakeSystem().system), undefined, 'no kubelet')
