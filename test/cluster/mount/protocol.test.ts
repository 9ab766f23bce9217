import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { makeNode } from '../../lab/node.js'

const NOT_SUPPORTED = { status: 'Not supported' }

t.test('init', async t => {
  const node = makeNode(t)
  const { reply } = await node.call('init')
  t.strictSame(reply, {
    status: 'Success',
    capabilities: {
      attach: false,
      fsGroup: false,
      selinuxRelabel: false,
      supportsMetrics: true,
      requiresFSResize: false,
    },
  })
  t.throws(() => node.log(), { code: 'ENOENT' }, 'no file is written')
})

t.test('calls that this driver does not support', async t => {
  const node = makeNode(t)
  for (const call of [
    'attach',
    'detach',
    'waitforattach',
    'isattached',
    'mountdevice',
    'unmountdevice',
    'getvolumename',
    'expandfs',
  ])
    t.strictSame((await node.call(call, '{}')).reply, NOT_SUPPORTED, call)
})

t.test('started as by the kubelet, it prints only JSON', async t => {
  const node = makeNode(t)
  const directory = `${node.dir}/plugins/cephflex~cephfs`
  mkdirSync(directory, { recursive: true })
  const program = `${directory}/cephfs`
  const built = process.env['CEPHFLEX_DRIVER'] ?? resolve('dist/bin/cephflex.js')
  if (built.endsWith('.js')) {
    writeFileSync(
      program,
      `#!/bin/sh\nexec '${process.execPath}' -e "process.argv.splice(1, 0, '$0'); import('${built}')" -- "$@"\n`,
    )
    chmodSync(program, 0o755)
  } else symlinkSync(built, program)
  for (const args of [[], ['--bogus'], ['dev-cluster'], ['nonsense', 'x'], ['']])
    t.strictSame(
      (await node.finish(node.start(args, program))).reply,
      NOT_SUPPORTED,
      args.join(' ') || 'no argument',
    )
  t.equal((await node.finish(node.start(['init'], program))).reply.status, 'Success')
})

t.test('for any arguments, the answer is one JSON object and exit code 0', async t => {
  const node = makeNode(t)
  const word = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom(
      '/tmp',
      '/',
      '',
      '..',
      '{}',
      'null',
      '[]',
      '{"monitors":5}',
      '--help',
      `${node.dir}/nowhere/x`,
    ),
  )
  const args = fc.tuple(
    fc.constantFrom('init', 'mount', 'unmount', 'attach'),
    fc.array(word, { maxLength: 4 }),
  )
  await fc.assert(
    fc.asyncProperty(args, async ([call, rest]) => {
      const clean = rest.map(text => text.replaceAll('\0', ''))
      const { reply } = await node.call(call, ...clean)
      return ['Success', 'Failure', 'Not supported'].includes(reply.status)
    }),
    { numRuns: 40 },
  )
  t.pass('40 random calls of the real program')
})
