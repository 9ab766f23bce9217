import { spawnSync } from 'node:child_process'
import t from 'tap'

const OUTPUT = new URL('../../src/system/output.js', import.meta.url).href

const writing = (fd: 1 | 2, text: string, reader: string) =>
  spawnSync(
    'sh',
    [
      '-c',
      `"$0" --input-type=module -e "$1" ${fd === 2 ? '2>&1 >/dev/null' : ''} | ${reader}`,
      process.execPath,
      `
      const { write } = await import('${OUTPUT}')
      write(${fd}, ${text})
      process.exit(0)`,
    ],
    { encoding: 'utf8', maxBuffer: 10 * 1024 * 1024 },
  )

t.equal(writing(1, "'ä\\n'", 'cat').stdout, 'ä\n', 'a text goes to standard output')
t.equal(writing(2, "'ä\\n'", 'cat').stdout, 'ä\n', 'or to standard error')
t.equal(
  writing(1, "'x'.repeat(1_000_000)", '(sleep 0.3; cat) | wc -c').stdout.trim(),
  '1000000',
  'all of it is written before the process ends, even to a slow reader',
)
const gone = writing(1, "'x'.repeat(1_000_000)", 'true')
t.strictSame([gone.status, gone.stderr], [0, ''], 'a closed pipe is no error')
