// The engine of this process, Node.js. test/package/engines.suite.ts has both, in their binaries.
import { execFileSync } from 'node:child_process'
import t from 'tap'
import { engine } from '../../src/system/engine.js'

t.match(
  engine,
  { name: `Node.js ${process.versions.node}`, isPackaged: false, program: process.argv[1] ?? '' },
  'a checkout under Node.js',
)
t.strictSame(engine.assetKeys(), [], 'a checkout has its files on the disk')

const module = new URL('../../src/system/engine.js', import.meta.url).href
const script = `const { engine } = await import('${module}'); engine.prepare()
process.emitWarning('printed?')
console.log((await import('node:fs')).readFileSync('/proc/self/cmdline', 'latin1').replaceAll('\\0', ''))`
const seen = execFileSync(process.execPath, ['--input-type=module', '-e', script, 'SECRET'], {
  encoding: 'utf8',
  env: { NODE_DEBUG: 'fs' },
})
t.equal(
  seen,
  'cephflex\n',
  'after prepare, others see the title, and no warning or debugging output is printed',
)
