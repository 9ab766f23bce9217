import t from 'tap'
import { misjudged } from '../../lab/caps.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { adminCommands } from '../../lab/provisioning.js'

const TEXTS = 100

t.test('volume lint with a live cluster', async t => {
  const cluster = await startCluster(t, { secondFs: true })
  const command = adminCommands(t, makeNode(t), cluster, cluster.adminKey)
  const lint = (args: string[], input?: string) => command(['volume', 'lint', ...args], input)
  await cluster.mkdir('/volumes/kubernetes/web')
  const MDS = 'allow rw path="/volumes/kubernetes/web"'

  await t.test('one problem a line, with the caps that would work', async t => {
    await cluster.addUser('reader', { mds: MDS, mon: 'allow r', osd: 'allow r pool=data' })
    const { stdout, exitCode } = await lint(['reader'])
    t.equal(exitCode, 1)
    t.match(stdout, '  /volumes/kubernetes/web: can be mounted and read; other directories are hidden\n')
    t.match(
      stdout,
      `  error: osd "allow r pool=data" does not allow writing: every write in /volumes/kubernetes/web fails (its data is in pool data, without a namespace); would work: osd 'allow rw pool=data namespace=""'\n`,
    )
    t.match(stdout, /\n {2}repair: ceph auth caps client\.reader mds /)
  })

  await t.test('a directory that the MDS does not compare as people do', async t => {
    const slash = MDS.replace('web"', 'web/"')
    await cluster.addUser('slash', { mds: slash, mon: 'allow r', osd: 'allow rw pool=data' })
    t.match(await lint(['slash']), {
      exitCode: 1,
      stdout:
        /web: cannot be mounted\n[\s\S]*error: mds "allow rw path="\/volumes\/kubernetes\/web\/"" has a path/,
    })
    t.match(await lint(['slash', '--path', '/volumes/kubernetes/web/below']), {
      stdout: /below: can be mounted/,
    })
    t.match(await lint(['slash', '--path', 'web']), {
      exitCode: 1,
      stderr: /^EBADREQUEST: --path "web" must/,
    })
  })

  await t.test('a user of the second file system', async t => {
    const caps = { mds: 'allow rw fsname=second', mon: 'allow r fsname=second', osd: 'allow rw pool=data2' }
    await cluster.addUser('second', caps)
    t.match(await lint(['second']), { exitCode: 0, stdout: /warning: .*set fsName in the options/ })
    t.match(await lint(['second', '--fs-name', 'cephfs']), {
      exitCode: 1,
      stdout: /mds "allow rw fsname=second" is for the file system second, not cephfs[\s\S]*and hide cephfs/,
    })
  })

  await t.test('the address of the node', async t => {
    const mds = `${MDS} network 10.0.0.0/8`
    await cluster.addUser('near', { mds, mon: 'allow r', osd: 'allow rw pool=data namespace=""' })
    t.match(await lint(['near']), {
      exitCode: 1,
      stdout: /in 10\.0\.0\.0\/8, and this node has the address 127/,
    })
    t.match(await lint(['near', '--node', '10.1.2.3']), { exitCode: 0, stdout: /no problems found/ })
  })

  await t.test('without caps', async t => {
    const { stdout, exitCode } = await lint([], '[client.x]\n\tkey = AQDnot+a+key==\n')
    t.equal(exitCode, 1)
    t.strictSame(stdout.split('\n').slice(1), [
      '  error: no caps of client.x were found; a keyring often contains only the key, and "ceph auth get client.x" prints the caps too',
    ])
    await cluster.command({ prefix: 'auth add', entity: 'client.bare' })
    t.match(await lint(['bare']), { exitCode: 1, stdout: /^client\.bare: 1 finding\n {2}error: .*\n?$/ })
  })

  await t.test('caps are parsed as the monitors do', async t => {
    t.strictSame(await misjudged(cluster, await majorOf(cluster), TEXTS), [])
  })
})

async function majorOf({ command }: { command: (request: object) => Promise<unknown> }): Promise<number> {
  const { overall } = (await command({ prefix: 'versions' })) as { overall: Record<string, number> }
  return Number(Object.keys(overall)[0]?.split(' ')[2]?.split('.')[0])
}
