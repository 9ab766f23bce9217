import t from 'tap'
import { startDeadline } from '../../../src/core/deadline.js'
import { resolveMonitors } from '../../../src/ops/volume/resolve-monitors.js'
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
  answers['mapped'] = '::ffff:10.0.0.7 STREAM mapped\nfe80::1%eth0 STREAM\n'
  t.strictSame(await resolve('mapped'), [{ host: '10.0.0.7' }], 'IPv4 as IPv6, and no link-local address')
  const full = await resolveMonitors(fake.system, [{ protocol: 'v2', host: 'one', port: 13061 }])
  t.strictSame(full, [{ protocol: 'v2', host: '10.0.0.1', port: 13061 }], 'protocol and port are kept')
})

t.test('a name server that hangs costs at most five seconds, or half of what the call has left', async t => {
  const fake = fakeSystem({ run: () => ({ stdout: '10.0.0.1 STREAM one\n' }) })
  const limit = () => fake.calls.at(-1)?.options.timeoutMs
  await resolveMonitors(fake.system, [{ host: 'one' }])
  t.equal(limit(), 5_000)
  await resolveMonitors(fake.system, [{ host: 'one' }], startDeadline(60_000))
  t.equal(limit(), 5_000)
  await resolveMonitors(fake.system, [{ host: 'one' }], startDeadline(4_000))
  t.ok((limit() ?? 0) <= 2_000 && (limit() ?? 0) > 1_000, `${limit()} ms`)
})
