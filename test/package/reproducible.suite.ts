// A second run of `npm run package`, in a folder of another name, gives the same bytes.

import * as fs from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { PKG } from './release.js'

t.setTimeout(1_500_000)

const BINARIES = ['x64', 'arm64'].flatMap(arch => [`cephflex-linux-${arch}`, `cephflex-linux-${arch}-bun`])

/** tap makes every Node below it load a module, by NODE_OPTIONS, which would get into the code caches. */
const plainly = (cwd: string, ...argv: string[]) =>
  execa('env', ['-u', 'NODE_OPTIONS', 'node', ...argv], { cwd, reject: false, all: true })

const sums = (folder: string) => fs.readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trim().split('\n')

t.test('in another folder', async t => {
  const copy = join(t.testdir(), 'somewhere else')
  await copyCheckout(copy)

  await t.test('the binaries are the same bytes', async t => {
    const made = await plainly(copy, 'dist/bin/package/main.js', 'binaries')
    t.equal(made.exitCode, 0, made.all)
    const files = [...BINARIES, 'install.sh', 'cephflex.cdx.json']
    const among = (line: string) => files.includes(line.split('  ')[1] ?? '')
    t.strictSame(sums(join(copy, 'dist/pkg')).sort(), sums(PKG).filter(among).sort())
  })

  // with programs of a line instead of the binaries: compressing those takes minutes
  await t.test('the packages are the same bytes', async t => {
    const [here, there] = [await pack(process.cwd(), t.testdir()), await pack(copy, join(copy, 'packed'))]
    t.equal(
      here.length,
      11,
      'four binaries, install.sh, the bill of materials, two of deb and rpm, the image',
    )
    t.strictSame(there, here)
  })

  t.match(await execa('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: PKG }), { exitCode: 0 })
})

/** Tracked and new files, and the state of the checkout: its commit and time go into the packages. */
async function copyCheckout(copy: string) {
  fs.mkdirSync(copy)
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout: listed } = await execa('git', list)
  const names = listed.split('\0').filter(name => fs.existsSync(name))
  await execa('cp', ['-a', '--parents', ...names, '.git', copy])
  const filter = (path: string) => path !== PKG && path !== 'dist/pkg'
  fs.cpSync('dist', join(copy, 'dist'), { recursive: true, filter })
  // hard links: the name of a part contains the real path of its source
  await execa('cp', ['-al', 'node_modules', copy])
}

/** Packs programs of a line, with the code of a checkout. @returns the sums of all that was made. */
async function pack(root: string, output: string): Promise<string[]> {
  fs.mkdirSync(output, { recursive: true })
  for (const name of BINARIES) fs.writeFileSync(join(output, name), `#!/bin/sh\necho ${name}\n`)
  const script = `
    const { ALL, packBinaries } = await import(process.argv[1] + '/dist/bin/package/package.js')
    packBinaries(process.argv[1], process.argv[2], ALL, () => {}, JSON.parse(process.argv[3]))`
  const argv = ['--input-type=module', '-e', script, root, output, JSON.stringify(BINARIES)]
  const { exitCode, all } = await plainly(root, ...argv)
  if (exitCode !== 0) throw new Error(all)
  return sums(output)
}
