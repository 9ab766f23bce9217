import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { cephflex } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

type Dashboard = { panels: { title: string; targets: { expr: string }[] }[] }

/** Each line of Prometheus' text format as series and value. */
const seriesOf = (text: string): Map<string, number> =>
  new Map(
    text
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
      .map(line => {
        const at = line.lastIndexOf(' ')
        return [line.slice(0, at), Number(line.slice(at + 1))]
      }),
  )

t.test('metrics and bundle', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const env = node.environment
  const output = `${node.dir}/cephflex.prom`
  const options = {
    monitors: cluster.monitors,
    mounter: 'fuse',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  const metrics = async () => {
    const run = await cephflex(['metrics', '--output', output], { env })
    t.match(run, { code: 0, out: '', err: '' })
    return seriesOf(readFileSync(output, 'utf8'))
  }
  const before = await metrics()
  t.equal(
    before.get('cephflex_calls_total{call="mount",result="Success"}'),
    0,
    'a series exists before its first event',
  )
  const target = node.target()
  await node.mount(target, options)
  await node.mount(node.target('other'), { ...options, path: '/nope' })
  const after = await metrics()
  t.equal(after.get('cephflex_calls_total{call="mount",result="Success"}'), 1)
  t.equal(after.get('cephflex_calls_total{call="mount",result="ENOPATH"}'), 1)
  t.equal(after.get('cephflex_mounts{client="fuse",health="healthy"}'), 1)
  t.equal(after.get('cephflex_call_duration_seconds_count{call="mount"}'), 2)
  const calls = (series: Map<string, number>) =>
    [...series].filter(([name]) => name.startsWith('cephflex_call'))
  t.strictSame(calls(await metrics()), calls(after), 'nothing is counted twice')
  t.equal(statSync(output).mode & 0o777, 0o644, 'node_exporter can read it')
  t.strictSame(
    readdirSync(node.dir).filter(name => name.includes('.tmp')),
    [],
  )
  t.match(await cephflex(['metrics', '--output', '/nowhere/x'], { env }), {
    code: 1,
    err: /^EBADREQUEST: .*ENOENT/,
  })

  await t.test('Prometheus reads them', async t => {
    const { code, out, err } = await cephflex(['check', 'metrics'], {
      program: 'promtool',
      input: readFileSync(output, 'utf8'),
    })
    t.equal(code, 0, `${out}${err}`)
  })

  await t.test('every query of the dashboard has a result', async t => {
    const dashboard = JSON.parse((await cephflex(['metrics', '--dashboard'])).out) as Dashboard
    const queries = dashboard.panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({ title, expr })),
    )
    t.ok(queries.length > 8)
    // the series that node_exporter exposes, in the form of promtool's unit tests
    const input = [...after].map(([series, value]) => {
      const first = before.get(series) ?? 0
      const labelled = series.includes('{')
        ? series.replace('{', '{instance="n1",')
        : `${series}{instance="n1"}`
      return { series: labelled, values: `${first}x1 ${value}x5` }
    })
    const real = (expr: string) => expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '5m')
    const tests = (change: (expr: string) => string) =>
      JSON.stringify({
        evaluation_interval: '1m',
        tests: [
          {
            interval: '1m',
            input_series: input,
            promql_expr_test: queries.map(({ expr }) => ({
              expr: `count((${change(real(expr))}) >= 0) > bool 0`,
              eval_time: '4m',
              exp_samples: [{ labels: '{}', value: 1 }],
            })),
          },
        ],
      })
    const evaluate = async (name: string, text: string) => {
      writeFileSync(`${node.dir}/${name}`, text)
      return cephflex(['test', 'rules', `${node.dir}/${name}`], { program: 'promtool' })
    }
    const good = await evaluate(
      'queries.json',
      tests(expr => expr),
    )
    t.equal(good.code, 0, `${good.out}${good.err}`.slice(0, 3_000))
    const bad = await evaluate(
      'wrong.json',
      tests(expr => expr.replaceAll('cephflex_', 'cephflux_')),
    )
    t.not(bad.code, 0, 'control: this test fails for a query without a result')
  })

  await t.test('the bundle', async t => {
    const key = cluster.adminKey
    // a key in every place where one could be: wrong options, a client's own log, the configuration
    await node.mount(node.target('x'), { ...options, path: `/${key}` })
    await node.mount(node.target('x'), { ...options, user: key })
    const logs = `${node.dir}/log`
    writeFileSync(`${logs}/client-1.log`, `auth: key=${key} ${base64(key)} ${base64(`${key}\n`)}\n`)
    writeFileSync(
      node.configFile,
      readFileSync(node.configFile, 'utf8').replace('{', `{"searchPath": ["/${key}"],`),
    )
    const archive = `${node.dir}/b.tar.gz`
    const run = await cephflex(['bundle', archive], { env })
    t.equal(run.code, 0, run.err)
    t.equal(statSync(archive).mode & 0o777, 0o600, 'only its owner can read it')
    mkdirSync(`${node.dir}/x`)
    chmodSync(`${node.dir}/x`, 0o700)
    execFileSync('tar', ['-xzf', archive, '-C', `${node.dir}/x`])
    const names = readdirSync(`${node.dir}/x/b`)
    for (const name of [
      'version.txt',
      'doctor.json',
      'status.json',
      'cephflex.log',
      'mountinfo.txt',
      'config.json',
      'client-1.log',
    ])
      t.ok(names.includes(name), name)
    for (const name of names) {
      const text = readFileSync(`${node.dir}/x/b/${name}`, 'utf8')
      for (const form of [key, base64(key), base64(`${key}\n`)])
        t.notOk(text.includes(form), `${name} contains no key`)
    }
    const text = readFileSync(`${node.dir}/x/b/client-1.log`, 'utf8')
    t.match(text, 'auth: key=<masked>', 'control: the masked key was in it')
    t.match(
      await cephflex(['bundle', archive], { env }),
      { code: 1, err: /EEXIST/ },
      'an existing archive is not overwritten',
    )
    t.strictSame(readdirSync(`${node.runDirectory}/private`), [], 'nothing is left')
  })
})
