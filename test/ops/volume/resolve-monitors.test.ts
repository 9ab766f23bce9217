import t from 'tap'
import { startDeadline } from '../../../src/core/deadline.js'
import { resolveMonitors, unreachableMonitors } from '../../../src/ops/volume/resolve-monitors.js'
import { fakeSystem } from '../../support/fake-system.js'

t.test('names', async t => {
  const answers: Record<string, string> = {
    one: '10.0.0.1 STREAM one\n10.0.0.1 DGRAM\n',
    six: 'fd00::6 STREAM six\n',
  }
  const fake = fakeSystem({
    run: (_, argv) => {
      const stdout = answers[argv[1] ?? '']
      return stdout === undefined ? { exitCode: 2 } : { stdout }
    },
  })
  const resolve = (...hosts: string[]) =>
    resolveMonitors(
      fake.system,
      hosts.map(host => ({ host })),
    )
  t.strictSame(
    await resolve('10.0.0.9', 'fd00::9'),
    [{ host: '10.0.0.9' }, { host: 'fd00::9' }],
    'addresses stay',
  )
  t.strictSame(fake.commands(), [], 'and no program is run')
  t.strictSame(await resolve('one', 'six'), [{ host: '10.0.0.1' }, { host: 'fd00::6' }], 'each address once')
  t.strictSame(await resolve('gone', 'one'), [{ host: '10.0.0.1' }], 'an unknown name is left out')
  await t.rejects(
    resolve('gone', 'away'),
    { code: 'ENOHOST', message: /gone, away/ },
    'no address is left: all names are reported',
  )
  const full = await resolveMonitors(fake.system, [{ protocol: 'v2', host: 'one', port: 13061 }])
  t.strictSame(full, [{ protocol: 'v2', host: '10.0.0.1', port: 13061 }], 'protocol and port are kept')
})

t.test('monitors that do not answer', async t => {
  const plenty = startDeadline(10_000)
  const open = (...ports: string[]) =>
    fakeSystem({ probe: (host, port) => (ports.includes(`${host}:${port}`) ? undefined : 'refused') }).system
  const a = { host: 'a' }
  const b = { host: 'b', port: 13062 }
  t.strictSame(
    await unreachableMonitors(open('a:3300', 'b:13062'), [a, b], plenty),
    { dead: [], all: false, isSure: true },
    'all answer',
  )
  t.strictSame(
    await unreachableMonitors(open('a:6789'), [a], plenty),
    { dead: [], all: false, isSure: true },
    'one of two ports is enough',
  )
  t.strictSame(
    await unreachableMonitors(open('a:3300'), [a, b], plenty),
    { dead: ['b:13062 refused'], all: false, isSure: true },
    'a dead one is named with its port',
  )
  t.strictSame(
    await unreachableMonitors(open(), [a, b], plenty),
    { dead: ['a:3300 refused', 'a:6789 refused', 'b:13062 refused'], all: true, isSure: true },
    'all are dead',
  )
  const v1 = { protocol: 'v1' as const, host: 'a' }
  t.strictSame(
    (await unreachableMonitors(open('a:3300'), [v1], plenty)).dead,
    ['a:6789 refused'],
    'v1 has one port',
  )
})
