// `npm run package` on a terminal: its progress, and Ctrl-C, which leaves dist/pkg unchanged and no temporary files.
import * as fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { cacheFolder } from '../../bin/package/binary/bases.js'
import { onTerminal } from '../lab/terminal.js'
import { PKG } from './release.js'

const unfinished = (folder: string, prefix: string) =>
  fs.readdirSync(folder).filter(name => name.startsWith(prefix))

for (const [when, at] of [
  ['while pkg works', /bytes at every start/],
  ['while the second binary is made', /linux-x64: node/],
] as const)
  t.test(`Ctrl-C ${when}`, async t => {
    const temporary = t.testdir()
    const cached = unfinished(cacheFolder(), '.base-')
    const before = fs.readFileSync(join(PKG, 'SHA256SUMS'), 'utf8')
    // tap makes every Node below it load a module, by NODE_OPTIONS
    const command = 'env -u NODE_OPTIONS node dist/bin/package/main.js binaries'
    const { code, screen } = await onTerminal(command, { TMPDIR: temporary }, at)
    t.equal(code, 1, screen)
    t.match(screen, /\r\S* +\d+\.\d\d s {2}packaging \.\.\./, 'a line that is rewritten')
    t.match(screen, /package: interrupted; dist\/pkg is as it was/)
    t.equal(fs.readFileSync(join(PKG, 'SHA256SUMS'), 'utf8'), before)
    t.strictSame(fs.readdirSync(temporary), [], 'no temporary file')
    t.strictSame(unfinished('dist', '.pkg-'), [], 'nothing unfinished')
    t.strictSame(unfinished(cacheFolder(), '.base-'), cached, 'nor in the cache')
    const running = fs
      .readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .filter(pid => {
        try {
          return ['environ', 'cmdline'].some(name =>
            fs.readFileSync(`/proc/${pid}/${name}`, 'utf8').includes(temporary),
          )
        } catch {
          return false
        }
      })
    t.strictSame(running, [], 'no process is left')
  })
