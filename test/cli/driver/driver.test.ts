import fc from 'fast-check'
import t from 'tap'
import { answerWith } from '../../../src/cli/driver/answer.js'
import { DRIVER_CALLS } from '../../../src/cli/driver/driver.js'
import { failure } from '../../../src/cli/driver/reply.js'
import { fakeSystem } from '../../support/fake-system.js'
import { EMPTY_TARGET, TARGET, working } from '../../support/mounting.js'
import { base64, KEY, optionsJson } from '../../support/volumes.js'

const reply = async (fake: ReturnType<typeof fakeSystem>, call: string, args: readonly string[]) =>
  answerWith(DRIVER_CALLS, fake.system, call, args).catch(failure)

t.test('mount, again, unmount', async t => {
  const fake: ReturnType<typeof fakeSystem> = fakeSystem({ tree: EMPTY_TARGET, run: working(() => fake) })
  t.strictSame(await reply(fake, 'mount', [TARGET, optionsJson()]), { status: 'Success' })
  t.match(fake.events.at(-1), { event: 'done', fields: { client: 'fuse', already: false } })
  t.strictSame(await reply(fake, 'unmount', [TARGET]), { status: 'Success' })
  t.notMatch(JSON.stringify(fake.events), KEY, 'the log never contains the key')
})

t.test('any other call', async t => {
  t.strictSame(await reply(fakeSystem(), 'expandfs', []), { status: 'Not supported' })
})

t.test('any arguments: a reply, and never a byte of the key', async t => {
  const json = fc.oneof(
    fc.json(),
    fc.dictionary(fc.string(), fc.string()).map(options => optionsJson(options)),
    fc.string().map(text => optionsJson().slice(0, -1) + text),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('mount', 'unmount'),
      fc.array(fc.oneof(fc.string(), fc.constant(TARGET), json), { maxLength: 4 }),
      async (call, args) => {
        const fake: ReturnType<typeof fakeSystem> = fakeSystem({
          tree: EMPTY_TARGET,
          run: working(() => fake),
        })
        const text = JSON.stringify([await reply(fake, call, args), fake.events])
        return !text.includes('"code":"EBUG"') && !text.includes(KEY) && !text.includes(base64(KEY))
      },
    ),
    { numRuns: 500 },
  )
  t.pass('500 random calls')
})
