// Every shell example of the pages is run: here with a real cluster, by run-readme.test.ts, or by the suite that
// ELSEWHERE names.
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { parseNodeConfig } from '../../src/core/config/node-config-schema.js'
import { OPTION_DOCS } from '../../src/core/volume/option-docs.js'
import { readAsset } from '../../src/system/assets.js'
import { startCluster } from '../lab/cluster.js'
import { makeNode } from '../lab/node.js'
import { cephflex } from '../support/cli.js'
import { at, ELSEWHERE, isElsewhere, programDirectory, runsHere } from './example-places.js'
import { blocksOf, commandsOf, needsKubernetes, PAGES } from './examples.js'

t.test('examples that are run elsewhere are in the named files', async t => {
  const blocks = PAGES.flatMap(page => blocksOf(page)).filter(({ kind }) => kind === 'sh')
  const used = new Set<string>()
  for (const block of blocks.filter(isElsewhere))
    for (const command of commandsOf(block)) {
      used.add(command)
      const [file = '', words = ''] = ELSEWHERE[command] ?? []
      t.ok(file && readFileSync(file, 'utf8').includes(words), `${at(block)}: ${command}: ${file}`)
    }
  t.strictSame([...used].sort(), Object.keys(ELSEWHERE).sort(), 'each of them is on a page')
  const kube = blocks.filter(needsKubernetes)
  t.ok(kube.length > 0)
  for (const { page } of kube)
    t.match(readFileSync('test/kube/manifests.suite.ts', 'utf8'), `kubernetesExamples(t, '${page}'`)
})

t.test('every shell example of the pages runs', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const pv = `${node.dir}/pv.json`
  const flexVolume = { driver: 'cephflex/cephfs', options: { monitors: cluster.monitors, user: 'admin' } }
  writeFileSync(
    pv,
    JSON.stringify({ kind: 'PersistentVolume', metadata: { name: 'v' }, spec: { flexVolume } }),
  )
  const env = {
    ...node.environment,
    PATH: `${programDirectory(node.dir)}:${process.env['PATH']}`,
    MONITORS: cluster.monitors,
    KEYRING: cluster.adminKeyring,
    PV: pv,
    TMP: node.dir,
    CEPH_CONF: cluster.conf,
  }
  let count = 0
  for (const page of PAGES.filter(name => name.startsWith('src/assets/docs/'))) {
    const name = page.slice('src/assets/'.length)
    t.equal((await cephflex(['help', name.slice(5, -3)])).out, readAsset(name).trimEnd(), `help ${name}`)
    for (const block of blocksOf(page)) {
      if (block.kind === 'text' || block.kind === 'json') continue
      t.equal(block.kind, 'sh', `${at(block)}: only these are run here`)
      if (!runsHere(block)) continue
      count += 1
      t.match(await cephflex(['-euc', block.text], { env, program: 'sh' }), { code: 0 }, block.text.trim())
    }
  }
  t.ok(count > 6, 'some were run')
})

t.test('JSON and text blocks are correct', async t => {
  const names = OPTION_DOCS.map(({ name }) => name)
  for (const { kind, text, ...block } of PAGES.flatMap(page => blocksOf(page))) {
    if (kind === 'json') t.doesNotThrow(() => parseNodeConfig(text), at({ kind, text, ...block }))
    if (kind !== 'yaml') continue
    const { flexVolume } = parse(text).volumes[0]
    t.equal(flexVolume.driver, 'cephflex/cephfs')
    t.ok(
      Object.keys(flexVolume.options).every(name => names.includes(name)),
      at({ kind, text, ...block }),
    )
  }
})

t.test('help', async t => {
  t.match(await cephflex(['help', 'doctor']), { code: 0, out: /^Usage: cephflex doctor / })
  t.match(await cephflex(['help']), { code: 0, out: /troubleshooting/ })
  t.match(await cephflex(['help', 'migrationn']), {
    code: 1,
    err: /no command or page "migrationn": did you mean "migration"/,
  })
})
