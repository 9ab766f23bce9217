import { writeFileSync } from 'node:fs'
import t from 'tap'
import { runProgram } from '../../../src/cli/program.js'

const cephflex = async (...argv: string[]) => {
  const err: string[] = []
  const io = { out: () => undefined, err: (line: string) => err.push(line), tty: false }
  return { code: await runProgram(['controller', ...argv], io), err: err.join('\n') }
}

t.test('invalid options are reported before it starts', async t => {
  const kubeconfig = `${t.testdir()}/config`
  writeFileSync(kubeconfig, '{}')
  delete process.env['KUBERNETES_SERVICE_HOST']
  const cases: [argv: string[], err: RegExp][] = [
    [
      [],
      /^EUSAGE: no kubeconfig was given, and this process does not run in a pod\n {2}hint: .*--kubeconfig/,
    ],
    [['--kubeconfig', '/nope'], /^EUSAGE: \/nope does not exist/],
    [['--kubeconfig', kubeconfig], /^EUSAGE: the kubeconfig has no context/],
    [['--provisioner', 'cephfs'], /must be DOMAIN\/NAME/],
    [['--listen', 'host'], /must be PORT or HOST:PORT/],
    [['--listen', '127.0.0.1:99999'], /must be PORT or HOST:PORT/],
    [['--workers', '0'], /from 1 to 64/],
    [['--lease-seconds', '1.5'], /from 3 to 600/],
  ]
  for (const [argv, err] of cases) {
    const ran = await cephflex(...argv)
    t.equal(ran.code, 1, argv.join(' '))
    t.match(ran.err, err)
  }
})
