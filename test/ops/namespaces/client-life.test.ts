import t from 'tap'
import type { ClientState } from '../../../src/core/target/state.js'
import { lifeOf } from '../../../src/ops/namespaces/client-life.js'
import { fakeSystem } from '../../support/fake-system.js'

const FIRST = 'pid:[4026531836]'
const CONTAINER = 'pid:[4026532999]'

/** What a process in the PID namespace `here` says about a client that a call in `of` has started. */
const life = (here: string, of: string | undefined, running: object | undefined) => {
  const fake = fakeSystem({ tree: { '/proc/1/ns/pid': { link: here } } })
  const known = { pid: 7, startTime: '100', name: 'ceph-fuse', state: 'S', group: 7, argv: [] }
  if (running !== undefined) fake.running.push({ ...known, ...running })
  const state = { process: { pid: 7, startTime: '100' }, pidNamespace: of }
  return lifeOf(fake.system, state as unknown as ClientState)
}

t.equal(life(FIRST, undefined, {}), 'alive')
t.equal(life(FIRST, undefined, undefined), 'ended')
t.equal(life(FIRST, undefined, { startTime: '200' }), 'ended', 'its pid belongs to another process by now')
t.equal(life(CONTAINER, CONTAINER, {}), 'alive', 'in the same container')
t.equal(life(CONTAINER, FIRST, undefined), 'unknown', 'a container does not see it: that says nothing')
t.equal(life(CONTAINER, 'pid:[4026530000]', {}), 'unknown', 'nor is another process its client')
t.equal(life(FIRST, CONTAINER, { pid: 4711 }), 'alive', 'the node sees it with another pid')
t.equal(life(FIRST, CONTAINER, { pid: 4711, name: 'sleep' }), 'ended')
t.equal(life(FIRST, CONTAINER, { pid: 4711, startTime: '200' }), 'ended', 'another client')
t.equal(life(FIRST, CONTAINER, { pid: 4711, state: 'Z' }), 'ended', 'a zombie')
