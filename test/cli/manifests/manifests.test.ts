import { readFileSync } from 'node:fs'
import t from 'tap'
import { runProgram } from '../../../src/cli/program.js'

const cephflex = async (...argv: string[]) => {
  const out: string[] = []
  const err: string[] = []
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line), tty: false }
  return { code: await runProgram(argv, io), out: out.join('\n'), err: err.join('\n') }
}

t.test('manifests', async t => {
  const list = await cephflex('manifests')
  t.match(list, { code: 0, out: /^secret {2,}The key of a Ceph user/m, err: '' }, 'without a name, a list')
  t.equal(list.out.split('\n').length, 6, 'of one line each')
  for (const line of list.out.split('\n')) t.match(line, /^[a-z-]+ {2,}[A-Z]/, 'a name and what it is')
  const settings = ['--set', 'name=a', '--set', 'name=data', '--set', 'size=1Ti']
  t.match(await cephflex('manifests', 'static', ...settings), {
    code: 0,
    out: /^ {2}name: "data" [\s\S]*storage: "1Ti"/m,
    err: '',
  })
  t.match(await cephflex('manifests', 'secrets'), { code: 1, out: '', err: /Allowed choices are .*secret/ })
  t.match(await cephflex('manifests', 'secret', '--set', 'nmae=x'), {
    code: 1,
    out: '',
    err: /^EUSAGE: .*\n {2}hint: /,
  })
  t.match(
    await cephflex('manifests', '--set', 'name=x'),
    { code: 1, out: '', err: /^EUSAGE: / },
    'KEY=VALUE without a name',
  )
  t.match(await cephflex('manifests', '--help'), {
    code: 0,
    out: /pluginDir +plugin directory of the kubelet.*\n +in: daemonset/,
  })
})

t.test('install-script', async t => {
  const { code, out } = await cephflex('install-script')
  t.strictSame([code, `${out}\n`], [0, readFileSync('install.sh', 'utf8')], 'it is install.sh')
})

t.test('the list has a column for the names', async t => {
  const { out } = await cephflex('manifests')
  t.match(out, /^storageclass {2}A StorageClass/m)
})
