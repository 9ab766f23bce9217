import t from 'tap'
import { startDeadline } from '../../../src/core/deadline.js'
import type { ClientState } from '../../../src/core/target/state.js'
import { waitForDaemons } from '../../../src/ops/target/daemon.js'
import { endEvicted } from '../../../src/ops/target/evicted.js'
import { fakeSystem } from '../../support/fake-system.js'
import { TARGET } from '../../support/mounting.js'

const SOCKET = '/run/cephflex/clients/a.1.asok'
const PID = 70
const state = { adminSocket: SOCKET, process: { pid: PID, startTime: '700' } } as ClientState

/** A node on which a process runs as the client of the state; its socket answers with this status. */
const nodeWith = (status: unknown, name = 'ceph-fuse', argv = ['ceph-fuse', `--admin-socket=${SOCKET}`]) => {
  const fake = fakeSystem()
  fake.running.push({ pid: PID, ppid: 1, startTime: '700', state: 'S', name, argv } as never)
  const system = { ...fake.system, askClient: async () => status }
  return { ...fake, system }
}
const wait = async (fake: ReturnType<typeof nodeWith>) => {
  await waitForDaemons(fake.system, TARGET, state, startDeadline(50))
  return fake.killed
}

t.test('a client that does not exit after its mount was detached', async t => {
  for (const field of ['blocklisted', 'blacklisted'])
    t.strictSame(await wait(nodeWith({ [field]: true })), [`${PID} SIGKILL`], `${field}: it is killed`)
  for (const status of [{ blocklisted: false }, {}, undefined, 'blocklisted'])
    t.strictSame(await wait(nodeWith(status)), [], `${JSON.stringify(status)}: it may still be writing`)
})

t.test('only the client itself', async t => {
  const kill = (changes: Partial<ClientState>, ...process: [string?, string[]?]) => {
    const fake = nodeWith({}, ...process)
    endEvicted(fake.system, { ...state, ...changes })
    return fake.killed
  }
  t.strictSame(kill({}), [`${PID} SIGKILL`])
  t.strictSame(kill({ process: { pid: PID, startTime: '701' } }), [], 'a later process with its pid')
  t.strictSame(kill({}, 'bash', ['bash', SOCKET]), [], 'a program that is no client')
  t.strictSame(kill({}, 'ceph-fuse', ['ceph-fuse', '--admin-socket=/run/b.asok']), [], 'another client')
})
