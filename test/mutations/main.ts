// Breaks the compiled code on purpose, one change at a time, and runs the quick tests that must notice it:
//   npm run test:mutations [-- WORD]: only rows with this word in promise or file
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import { MUTATIONS, type Mutation } from './table.js'

const LIMIT_MS = 120_000

const word = process.argv[2] ?? ''
const chosen = Object.values(MUTATIONS)
  .flat()
  .filter(({ promise, file }) => `${promise} ${file}`.includes(word))

const compiled = (tests: readonly string[]) => tests.map(name => `dist/test/${name}.test.js`)

const passes = async (tests: readonly string[]) =>
  (await execa(process.execPath, ['--test', ...compiled(tests)], { reject: false, timeout: LIMIT_MS }))
    .exitCode === 0

/** Restores a file that an interrupted run has left broken. */
const restore = (path: string) => existsSync(`${path}.whole`) && renameSync(`${path}.whole`, path)

async function judge({ file, from, to, tests }: Mutation): Promise<string> {
  const path = `dist/src/${file}.js`
  restore(path)
  const text = readFileSync(path, 'utf8')
  if (text.split(from).length !== 2) return 'NOT FOUND in the file, or not once'
  const missing = compiled(tests).find(test => !existsSync(test))
  if (missing !== undefined) return `NO TEST ${missing}`
  if (!(await passes(tests))) return 'FAILS without the change'
  copyFileSync(path, `${path}.whole`)
  try {
    writeFileSync(
      path,
      text.replace(from, () => to),
    )
    return (await passes(tests)) ? 'NOT NOTICED' : 'noticed'
  } finally {
    restore(path)
  }
}

for (const mutation of chosen) {
  const verdict = await judge(mutation)
  if (verdict !== 'noticed') process.exitCode = 1
  process.stdout.write(`${verdict}: ${mutation.promise} (${mutation.file})\n`)
}
