import { renameSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { kubeClient } from '../../../src/system/kubernetes/client.js'
import { fakeApi } from '../../support/fake-api.js'

t.test('requests', async t => {
  const seen: { query: string; body: unknown; type: string | undefined; token: string | undefined }[] = []
  const keep: Parameters<typeof fakeApi>[1][string] = ({ url, body, headers }, answer) => {
    seen.push({ query: url.search, body, type: headers['content-type'], token: headers.authorization })
    answer.json({ kind: 'X' })
  }
  const { access } = await fakeApi(t, {
    'GET /x': keep,
    'POST /x': keep,
    'PATCH /x': keep,
    'PUT /x': keep,
    'DELETE /x': keep,
  })
  const client = kubeClient(access)
  t.teardown(client.close)
  t.equal(client.namespace, 'apps')
  t.strictSame(await client.get('/x', { query: { a: 'b c', none: undefined } }), { kind: 'X' })
  await client.create('/x', { a: 1 })
  await client.patch('/x', { a: 2 })
  await client.replace('/x', { a: 3 })
  await client.remove('/x', 'uid')
  await client.remove('/x')
  t.match(seen, [
    { query: '?a=b%20c', token: 'Bearer the-token' },
    { body: { a: 1 }, type: 'application/json' },
    { body: { a: 2 }, type: 'application/merge-patch+json' },
    { body: { a: 3 }, type: 'application/json' },
    { body: { preconditions: { uid: 'uid' } } },
    { body: { kind: 'DeleteOptions' } },
  ])
})

t.test('refusals and silence', async t => {
  const { access } = await fakeApi(t, {
    'GET /refused': (_, answer) => answer.json({ message: 'you may not', reason: 'Forbidden' }, 403),
    'GET /text': (_, answer) => {
      answer.line('<html>')
      answer.end()
    },
    'GET /silent': () => undefined,
    'GET /cut': (_, answer) => {
      answer.line('{')
      setTimeout(answer.cut, 50)
    },
  })
  const client = kubeClient(access)
  t.teardown(client.close)
  await t.rejects(client.get('/refused'), {
    code: 'EAPI',
    status: 403,
    reason: 'Forbidden',
    message: /you may not/,
  })
  await t.rejects(client.get('/none'), { code: 'EAPI', status: 404 })
  await t.rejects(client.get('/text'), { code: 'EAPI', message: /not JSON/ })
  await t.rejects(client.get('/silent', { timeoutMs: 100 }), { code: 'EAPI', status: 0 })
  await t.rejects(client.get('/cut'), { code: 'EAPI', status: 0 })
  const stop = new AbortController()
  const stopped = client.get('/silent', { signal: stop.signal })
  stop.abort()
  await t.rejects(stopped, { name: 'AbortError' })
  const unreachable = kubeClient({ ...access, server: 'http://127.0.0.1:1' })
  await t.rejects(unreachable.get('/x'), {
    status: 0,
    reason: 'ECONNREFUSED',
    message: /127\.0\.0\.1:1 did not answer/,
  })
  await t.rejects(
    client.lines('/refused', () => undefined, { idleMs: 1_000 }),
    { code: 'EAPI', status: 403 },
  )
  await t.rejects(
    client.lines('/silent', () => undefined, { idleMs: 100 }),
    { code: 'EAPI', status: 0, message: /no data for/ },
  )
  await t.rejects(
    client.lines('/cut', () => undefined, { idleMs: 1_000 }),
    { code: 'EAPI', status: 0 },
  )
})

t.test('a token that is rotated on disk', async t => {
  const folder = t.testdir({ token: 'first\n' })
  const tokens: (string | undefined)[] = []
  const { access } = await fakeApi(t, {
    'GET /x': ({ headers }, answer) => {
      tokens.push(headers.authorization)
      const isNew = headers.authorization === 'Bearer second'
      answer.json({}, isNew ? 200 : 401)
    },
    'GET /watch': (_, answer) => answer.json({}, 401),
  })
  const client = kubeClient({ ...access, token: { file: `${folder}/token` } })
  t.teardown(client.close)
  await t.rejects(client.get('/x'), { code: 'EAPI', status: 401, hint: /token/ })
  writeFileSync(`${folder}/next`, 'second')
  renameSync(`${folder}/next`, `${folder}/token`)
  await client.get('/x')
  t.strictSame(tokens, ['Bearer first', 'Bearer second'], 'read again after the refusal')
  await t.rejects(
    client.lines('/watch', () => undefined, { idleMs: 1_000 }),
    { code: 'EAPI', status: 401 },
  )
  const without = kubeClient({ ...access, token: { file: `${folder}/none` } })
  await t.rejects(without.get('/x'), { code: 'EAPI', message: /none does not exist, but is needed/ })
})

t.test('a kept-alive connection that the server closes as the request is sent', async t => {
  let calls = 0
  const { access } = await fakeApi(t, {
    'GET /x': (_, answer) => {
      calls += 1
      if (calls === 2) answer.cut()
      else answer.json({ calls })
    },
  })
  const client = kubeClient(access)
  t.teardown(client.close)
  t.strictSame(await client.get('/x'), { calls: 1 })
  t.strictSame(await client.get('/x'), { calls: 3 }, 'the request is sent again')
})
