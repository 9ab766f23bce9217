import t from 'tap'
import { CephflexError } from '../../../src/core/errors.js'
import type { Provisioner } from '../../../src/ops/provision/provisioner.js'
import { readCaps } from '../../../src/ops/provision/users.js'

const CAPS = { mon: 'allow r' }
const names = (count: number) => new Set(Array.from({ length: count }, (_, i) => `user${i}`))

/** A cluster with users, and the commands that it got. */
const fake = (mayList: boolean) => {
  const commands: string[] = []
  const rados = {
    ask: async (_: string, { prefix }: { prefix: string }) => {
      commands.push(prefix)
      return { code: 0, output: [{ caps: CAPS }], error: '' }
    },
    command: async (_: string, { prefix }: { prefix: string }) => {
      commands.push(prefix)
      if (!mayList) throw new CephflexError('ENOCAPS', 'no')
      return { auth_dump: [...names(9999)].map(name => ({ entity: `client.${name}`, caps: CAPS, key: 'k' })) }
    },
  }
  return { commands, provisioner: { rados } as unknown as Provisioner }
}

t.test('many users are read with one command', async t => {
  const { commands, provisioner } = fake(true)
  const caps = await readCaps(provisioner, names(1000))
  t.strictSame(caps.get('user999'), { caps: CAPS }, 'without keys')
  t.strictSame(commands, ['auth ls'])
})

t.test('a few, and those of a key that may not list them, one by one', async t => {
  const few = fake(true)
  await readCaps(few.provisioner, names(10))
  t.strictSame(few.commands, Array(10).fill('auth get'), 'a listing has all users of the cluster')
  const limited = fake(false)
  const caps = await readCaps(limited.provisioner, names(51))
  t.equal(limited.commands.length, 52)
  t.strictSame(caps.get('user50'), { caps: CAPS })
})
