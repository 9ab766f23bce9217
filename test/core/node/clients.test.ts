import t from 'tap'
import { clientOf, lingeringClients } from '../../../src/core/node/clients.js'
import type { OurMount } from '../../../src/core/node/inventory.js'

const argv = (run: string, target: string) => [
  'ceph-fuse',
  '--id',
  'a',
  `--admin-socket=${run}/clients/h-${target}.7.asok`,
  '-o',
  'x',
  target,
  '-r',
  '/-r',
]

t.strictSame(clientOf(9, argv('/run/x', '/t'), '/run/x'), { pid: 9, target: '/t', hash: 'h-/t' })
t.equal(clientOf(9, argv('/run/other', '/t'), '/run/x'), undefined, 'the client of another run directory')
t.equal(clientOf(9, ['ceph-fuse', '/t'], '/run/x'), undefined, 'a client that was started by hand')

const hashOf = (target: string) => `h-${target}`
const client = { pid: 9, target: '/t', hash: 'h-/t' }
const entry = {
  id: 1,
  parent: 0,
  device: '0:1',
  root: '/',
  mountPoint: '/t',
  options: [],
  fsType: 'fuse.ceph-fuse',
  source: 's',
}
const mounted: OurMount = { target: '/t', client: 'fuse', entry }
const withPid = (pid: number): OurMount =>
  ({ ...mounted, state: { process: { pid, startTime: '1' } } }) as unknown as OurMount
const { entry: _, ...gone } = withPid(9)

t.strictSame(lingeringClients([client], [], hashOf), [client], 'nothing is mounted')
t.strictSame(lingeringClients([client], [mounted], hashOf), [], 'its mount, without a state')
t.strictSame(lingeringClients([client], [withPid(9)], hashOf), [], 'its mount')
t.strictSame(lingeringClients([client], [withPid(8)], hashOf), [client], 'another client has the target now')
t.strictSame(lingeringClients([client], [gone], hashOf), [client], 'its state, without the mount')
