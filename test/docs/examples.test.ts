import t from 'tap'
import { blocksOf, commandsOf, exchangesOf, isPrinted } from './examples.js'

const page = (text: string) => blocksOf('p.md', text)

t.test('blocks', async t => {
  t.strictSame(page('a\n```sh\nb # c\n\n# d\n```\ne\n'), [
    { page: 'p.md', line: 3, kind: 'sh', text: 'b # c\n\n# d\n' },
  ])
  t.throws(() => page('```\nb\n```\n'), { message: /p\.md:1: a block must say what it is/ })
  t.throws(() => page('```bash\nb\n```\n'), { message: /must say/ }, 'one name for one thing')
  t.throws(() => page('a\n\n    npm cit\n'), { message: /p\.md:3: put this into a fenced block/ })
  t.throws(() => page('```sh\nb\n'), { message: /no end/ })
})

t.test('commands', async t => {
  const [block] = page('```sh\n# first\na "#b"  # c\n\nd\n```\n')
  t.strictSame(block && commandsOf(block), ['a "#b"', 'd'])
})

t.test('console', async t => {
  const [block] = page('```console\n$ a\nb\nc\n$ d\n```\n')
  t.strictSame(block && exchangesOf(block), [
    { command: 'a', output: 'b\nc' },
    { command: 'd', output: '' },
  ])
  const [wrong] = page('```console\na\n```\n')
  t.throws(() => wrong && exchangesOf(wrong), { message: /p\.md:2: a console block begins/ })
  t.ok(isPrinted('{"a": ...}', '{"a": 1}\n'))
  t.notOk(isPrinted('{"a": ...}', '{"a": 1}\n{"a": 2}'), 'not over lines')
  t.notOk(isPrinted('a.c', 'abc'))
})
