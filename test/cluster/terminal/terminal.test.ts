// Long work shows its progress on a terminal and plain text elsewhere, and Ctrl-C leaves nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { stopDevCluster } from '../../../src/ops/dev-cluster/stop.js'
import { newClusterDir, startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { onTerminal } from '../../lab/terminal.js'
import { cephflex, PROGRAM } from '../../support/cli.js'

const ESCAPE = '\u001B'

const processesOf = (dir: string): string[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return command.startsWith('ceph-') && command.includes(dir) ? [command] : []
      } catch {
        return []
      }
    })

t.test('dev-cluster start', async t => {
  const dir = newClusterDir()
  t.teardown(() => stopDevCluster(dir))
  const { code, screen } = await onTerminal(`${PROGRAM} dev-cluster start ${dir}`)
  t.equal(code, 0, screen)
  t.match(screen, /\r\S* +\d+\.\d\d s {2}starting a cluster \.\.\./, 'a line that is rewritten')
  t.match(screen, /^.* s {2}file systems created\r?$/m, 'and one for each phase')
  t.match(screen.split('\r').at(-2), /CephFS is up in /)
})

t.test('dev-cluster start, and Ctrl-C', async t => {
  const dir = newClusterDir()
  t.teardown(() => stopDevCluster(dir))
  const { code, screen } = await onTerminal(`${PROGRAM} dev-cluster start ${dir}`, {}, /daemons started/)
  t.equal(code, 1, screen)
  t.match(screen, /EINTERRUPTED/)
  t.notOk(existsSync(dir), 'its directory is removed')
  t.strictSame(processesOf(dir), [], 'and so are its daemons')
})

t.test('dev-cluster start, no terminal', async t => {
  const dir = newClusterDir()
  t.teardown(() => stopDevCluster(dir))
  const run = await cephflex(['dev-cluster', 'start', dir, '--verbose'])
  t.equal(run.code, 0)
  t.match(run.err, /^ +\d+\.\d\d s {2}configuration\n/, 'lines with times, with --verbose')
  t.notMatch(`${run.out}${run.err}`, ESCAPE)
})

t.test('mount-test', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const flags = `--monitors ${cluster.monitors} --user admin --key-file ${cluster.adminKeyring} --mounter fuse`
  const command = `${PROGRAM} mount-test ${flags}`
  const works = await onTerminal(`${command} --size 1`, node.environment)
  t.equal(works.code, 0, works.screen)
  t.match(works.screen, /testing the volume \.\.\./)
  t.match(works.screen, /the volume works/)
  for (const step of ['create random data', 'mount', 'write and fsync', 'mount again']) {
    // enough data, so that the next step takes long enough to press a key
    const ended = await onTerminal(`${command} --size 128`, node.environment, new RegExp(` s {2}${step}\r`))
    t.equal(ended.code, 1, ended.screen)
    t.match(ended.screen, /EINTERRUPTED/, `Ctrl-C after "${step}"`)
    t.strictSame(node.leftovers(), NOTHING, 'nothing is left')
  }
})
