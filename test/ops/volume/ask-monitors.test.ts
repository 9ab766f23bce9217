import t from 'tap'
import { parseMonitors } from '../../../src/core/ceph/monitors.js'
import { startDeadline } from '../../../src/core/deadline.js'
import { findFaults, findProtocols } from '../../../src/ops/volume/ask-monitors.js'
import { fakeSystem, type Node } from '../../support/fake-system.js'

const SPEAKS: Readonly<Record<string, 'v1' | 'v2' | 'other' | 'silent'>> = {
  'a:3300': 'v2',
  'a:6789': 'v1',
  'a:7000': 'v2',
  'a:7001': 'v1',
  'b:6789': 'v2',
  'b:80': 'other',
  'b:81': 'silent',
  'c:3300': 'v2',
}

/** Ports of this table answer, all others refuse, and nothing at `dead` answers. */
const node = (asked: string[] = []): Node => ({
  probe: (host, port, timeoutMs) => {
    asked.push(`${host}:${port} ${timeoutMs}`)
    if (host === 'dead') return 'no answer'
    return SPEAKS[`${host}:${port}`] === undefined ? 'refused' : undefined
  },
  banner: (host, port) => SPEAKS[`${host}:${port}`],
})
const read = (text: string) => parseMonitors(text).monitors

t.test('monitors that cannot be used', async t => {
  const faultsOf = (text: string, ms = 10_000) =>
    findFaults(fakeSystem(node()).system, read(text), startDeadline(ms))
  const ROWS: [text: string, faults: string[], all: boolean, rule: string][] = [
    ['a a:7000 v1:a:7001', [], false, 'all can be used'],
    ['c', [], false, 'one of two ports is enough'],
    ['a d:13062', ['d:13062 refused'], false, 'a dead one is named with its port'],
    ['d', ['d:3300 refused', 'd:6789 refused'], true, 'all are dead'],
    ['v2:a:6789', ['a:6789 uses v1, not v2'], true, 'the wrong prefix'],
    ['v1:a:7000', ['a:7000 uses v2, not v1'], true, 'the wrong prefix, another port'],
    ['b:6789', ['b:6789 uses v2, not v1'], true, 'another protocol than that of the port'],
    ['v1:b:80 a', ['b:80 is not a monitor'], false, 'another service'],
    ['v1:b:81', ['b:81 accepts connections, but sends nothing'], true, 'silence'],
    ['dead:7000', ['dead:7000 no answer'], true, 'no answer'],
  ]
  for (const [text, faults, all, rule] of ROWS)
    t.match(await faultsOf(text), { faults, all, isSure: true }, rule)
  t.strictSame(
    (await faultsOf('v1:a:7000 v2:a:6789')).corrections,
    ['v2:a:7000', 'v1:a:6789'],
    'what is right',
  )
  t.match(
    await faultsOf('dead:1 v1:b:81 d:1', 100),
    { faults: ['d:1 refused'], all: false, isSure: false },
    'with little time left, silence means nothing',
  )
})

t.test('the protocol of a port', async t => {
  const protocols = async (text: string, asksHosts = false) => {
    const asked: string[] = []
    const { system } = fakeSystem(node(asked))
    const found = await findProtocols(system, read(text), startDeadline(60_000), {
      ports: true,
      hosts: asksHosts,
    })
    return {
      asked,
      found: found.map(({ protocol = 'none', host, port = 0 }) => `${protocol}:${host}:${port}`),
    }
  }
  const usual = await protocols('a a:3300 a:6789 v1:a:7000 v2:a')
  t.strictSame(usual.asked, [], 'a prefix, a port of Ceph or a host alone: nothing is asked')
  t.equal(usual.found[3], 'v1:a:7000', 'a prefix is never changed')
  t.strictSame((await protocols('a:7000 a:7001')).found, ['v2:a:7000', 'v1:a:7001'], 'another port is asked')
  const part = await protocols('a:7000 dead:7000 d:7000 b:80')
  t.strictSame(
    part.found,
    ['v2:a:7000', 'v2:dead:7000', 'v2:d:7000', 'v2:b:80'],
    'those that do not answer get the protocol of the others',
  )
  t.equal(part.asked.filter(text => text.startsWith('dead')).length, 1, 'and are not waited for')
  t.strictSame((await protocols('a:7000 a:7001 d:1')).found[2], 'none:d:1', 'unless that is not known')
  const dead = await protocols('dead:7000')
  t.strictSame(dead.asked, ['dead:7000 300', 'dead:7000 2000'], 'if none answered, they are asked once more')
  t.strictSame(
    (await protocols('a c', true)).found,
    ['v2:a:3300', 'v1:a:6789', 'v2:c:3300'],
    'hosts, if asked for',
  )
  t.strictSame((await protocols('d', true)).found, ['none:d:0'], 'a host that does not answer stays')
})
