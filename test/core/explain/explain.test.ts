import t from 'tap'
import { EXPLANATIONS } from '../../../src/core/error-codes.js'
import { explain } from '../../../src/core/explain/explain.js'
import { TOPICS } from '../../../src/core/explain/topics.js'
import { CAPTURED, NOTHING } from './captured-texts.js'

const first = (input: string) => explain(input)[0]

/** The topic whose meaning begins like this. */
const topicOf = (meaning: string) => {
  const found = TOPICS.filter(({ means }) => means.startsWith(meaning))
  if (found.length !== 1) throw new Error(`${found.length} topics begin with "${meaning}"`)
  return found[0]
}
const explainedAs = (text: string) => {
  const causes = first(text)?.causes
  return TOPICS.find(topic => topic.causes === causes)?.means ?? first(text)?.because
}

t.test('every code of this program', async t => {
  for (const code of Object.keys(EXPLANATIONS))
    t.match(first(code), { because: code, causes: [{ fix: /./ }] }, code)
})

t.test('the error numbers that clients print', async t => {
  const numbers = [1, 2, 3, 5, 12, 13, 16, 19, 22, 28, 30, 32, 33, 95, 107, 108, 110, 111, 112, 113, 116, 122]
  for (const number of numbers) {
    const topic = first(String(number))
    t.ok(topic && topic.causes.length > 0, `${number}: ${topic?.means}`)
    for (const form of [
      `-${number}`,
      `(${number})`,
      `errno ${number}`,
      `mount failed with (${number}) whatever`,
    ])
      t.ok(explain(form).length > 0, form)
  }
  t.match(first('ENOTCONN'), { because: /^107 is ENOTCONN/ })
  t.match(first('enotconn'), { because: /^107 is ENOTCONN/ }, 'in lower case, too')
  t.strictSame(explain('EBUSY').length, 1, 'a name that is also an errno is explained once')
})

t.test('texts that were captured', async t => {
  const texts = Object.entries(CAPTURED).flatMap(([meaning, list]) =>
    list.map(text => [meaning, text] as const),
  )
  t.ok(texts.length >= 200, `${texts.length} texts`)
  for (const [meaning, text] of texts) t.equal(explainedAs(text), topicOf(meaning)?.means, text.slice(0, 90))
  for (const text of NOTHING) t.strictSame(explain(text), [], text)
})

t.test('the form of a text does not matter', async t => {
  for (const [meaning, list] of Object.entries(CAPTURED)) {
    const text = list[0] ?? ''
    const forms = {
      'in capitals': text.toUpperCase(),
      'in lower case': text.toLowerCase(),
      'with a time stamp': `2024-06-06T07:57:50.394+0000 7f44149d9140 -1 ${text}`,
      'from the journal': `Mar 10 21:57:03 node1 kubelet[26520]: E0310 21:57:03.761592   26520 x.go:150] ${text}`,
      'in colours': `\u001b[31m${text.replace(/ /, ' \u001b[0;1m')}\u001b[0m`,
      'in colours of a log': `#033[31m${text}#033[0m`,
      'as JSON': JSON.stringify({ msg: text }),
      'as JSON in JSON': JSON.stringify(JSON.stringify({ error: text })),
      'with line ends of Windows': `some line\r\n${text.replace(/ /g, '\r\n')}\r\n`,
      'wrapped within words': text.replace(/(.{11})/g, '$1\n'),
      'quoted in a mail': `> ${text.replace(/\n/g, '\n> ')}`,
    }
    for (const [form, written] of Object.entries(forms))
      t.equal(explainedAs(written), topicOf(meaning)?.means, `${form}: ${text.slice(0, 60)}`)
  }
})

t.test('the most specific text wins, a bare errno or word only if there is nothing else', async t => {
  const wrapped = 'MountVolume.SetUp failed for volume "x" : mount failed: exit status 32 Output: '
  t.match(first(`${wrapped}mount error 5 = Input/output error`)?.means, /I\/O error/)
  t.equal(first('EMOUNT: ceph-fuse failed: fuse: device not found')?.because, 'ENOFUSE')
  t.equal(first('EMOUNT: ceph-fuse failed: something new')?.because, 'EMOUNT')
  t.equal(first('EDENIED: ceph-fuse reported: Connection timed out, no keyring found')?.because, 'EDENIED')
  t.equal(explain('Permission denied (13), Operation not permitted, has snapshots').length, 1)
  const command =
    'an error (exit status 32) occurred while running mount args: [-t ceph a:/ /m -o secretfile=/k] stderr: '
  t.match(first(`${command}mount error 113 = No route to host`)?.means, /no route/, 'arguments do not count')
})

t.test('the two bugs this program was written for', async t => {
  const text = JSON.stringify(explain('mount failed with (22)'))
  t.match(text, /without --id/, 'a ceph-fuse without its user')
  t.match(JSON.stringify(explain('1')), /is not quoted in the caps/, 'a "-" in the caps')
})

t.test('every topic has a captured text or a code, a way to check it and a fix', async t => {
  const found = new Set([
    ...Object.keys(EXPLANATIONS).map(code => first(code)?.causes),
    ...Object.keys(CAPTURED).map(meaning => topicOf(meaning)?.causes),
  ])
  for (const { means, causes } of TOPICS) {
    t.ok(found.has(causes), means)
    for (const cause of causes) t.ok(cause.cause && cause.tell && cause.fix, cause.cause)
  }
})
