import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { assetNames, readAsset } from '../../src/system/assets.js'
import { cephflex, PROGRAM } from '../support/cli.js'
import { startCluster } from '../support/cluster.js'
import { makeNode } from '../support/node.js'

const PAGES = assetNames().filter(name => name.startsWith('docs/'))

/** The shell examples of a page. */
const examplesOf = (page: string): string[] =>
  [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)

t.test('every shell example of the pages runs', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const bin = `${node.dir}/bin`
  mkdirSync(bin)
  writeFileSync(`${bin}/cephflex`, `#!/bin/sh\nexec "${PROGRAM}" "$@"\n`)
  chmodSync(`${bin}/cephflex`, 0o755)
  const pv = `${node.dir}/pv.json`
  const flexVolume = { driver: 'cephflex/cephfs', options: { monitors: cluster.monitors, user: 'admin' } }
  writeFileSync(
    pv,
    JSON.stringify({ kind: 'PersistentVolume', metadata: { name: 'v' }, spec: { flexVolume } }),
  )
  const env = {
    ...node.environment,
    PATH: `${bin}:${process.env['PATH']}`,
    MONITORS: cluster.monitors,
    KEYRING: cluster.adminKeyring,
    PV: pv,
    TMP: node.dir,
  }
  for (const name of PAGES) {
    const page = (await cephflex(['help', name.slice(5, -3)])).out
    t.equal(page, readAsset(name).trimEnd(), `help prints ${name}`)
    for (const example of examplesOf(page))
      t.match(await cephflex(['-euc', example], { env, program: 'sh' }), { code: 0 }, example.trim())
  }
  t.ok(PAGES.flatMap(name => examplesOf(readAsset(name))).length > 6, 'there are some')
})

t.test('help', async t => {
  t.match(await cephflex(['help', 'doctor']), { code: 0, out: /^Usage: cephflex doctor / })
  t.match(await cephflex(['help']), { code: 0, out: /troubleshooting/ })
  t.match(await cephflex(['help', 'migrationn']), {
    code: 1,
    err: /no help on "migrationn": did you mean "migration"/,
  })
})
