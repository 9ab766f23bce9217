// A second run of `npm run package`, in a folder of another name, gives the same bytes.

import * as fs from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { PKG } from './release.js'

t.setTimeout(1_500_000)

t.test('packaged in another folder: the same bytes', async t => {
  const copy = join(t.testdir(), 'somewhere else')
  fs.mkdirSync(copy)
  // tracked and new files, and the state of the checkout: its commit and time go into the packages
  const { stdout: listed } = await execa('git', [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
  ])
  const names = listed.split('\0').filter(name => fs.existsSync(name))
  await execa('cp', ['-a', '--parents', ...names, '.git', copy])
  fs.cpSync('dist', join(copy, 'dist'), {
    recursive: true,
    filter: path => path !== PKG && path !== 'dist/pkg',
  })
  // hard links: the name of a part contains the real path of its source
  await execa('cp', ['-al', 'node_modules', copy])
  // tap makes every Node below it load a module, by NODE_OPTIONS, which would get into the code caches
  const packaged = ['-u', 'NODE_OPTIONS', 'node', 'dist/bin/package/main.js']
  const made = await execa('env', packaged, { cwd: copy, reject: false, all: true })
  t.equal(made.exitCode, 0, made.all)
  const sums = (folder: string) => fs.readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trim().split('\n')
  t.strictSame(sums(join(copy, 'dist/pkg')), sums(PKG))
  t.equal(
    sums(PKG).length,
    11,
    'four binaries, install.sh, the bill of materials, two Debian and two RPM packages, the image',
  )
  t.match(await execa('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: PKG }), { exitCode: 0 })
})
