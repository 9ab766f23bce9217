import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { kubeClient } from '../../../src/system/kubernetes/client.js'
import { needsProgram } from '../../support/needs.js'

t.test('the certificate of the API server is verified', { skip: needsProgram('openssl') }, async t => {
  const dir = t.testdir()
  const make = (name: string, address: string) => {
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:${address}`]
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${dir}/${name}.key`,
    ]
    execFileSync(
      'openssl',
      ['req', '-x509', ...key, '-out', `${dir}/${name}.crt`, '-days', '2', ...subject],
      {
        stdio: 'ignore',
      },
    )
    const read = (end: string) => readFileSync(`${dir}/${name}.${end}`, 'utf8')
    return { key: read('key'), cert: read('crt'), file: `${dir}/${name}.crt` }
  }
  const serve = async (identity: { key: string; cert: string }) => {
    let requests = 0
    const server = createServer(identity, (_, response) => {
      requests += 1
      response.end('{}')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const { port } = server.address() as AddressInfo
    return { url: `https://127.0.0.1:${port}`, requests: () => requests }
  }
  const ask = async (server: string, more: object) => {
    const client = kubeClient({
      server,
      namespace: 'apps',
      token: { file: `${dir}/token` },
      ...more,
    } as never)
    return client.get('/x', { timeoutMs: 5_000 }).finally(client.close)
  }
  const own = make('own', '127.0.0.1')
  const elsewhere = make('elsewhere', '127.0.0.9')
  writeFileSync(`${dir}/token`, 'the-token')

  const server = await serve(own)
  t.strictSame(await ask(server.url, { ca: { file: own.file } }), {}, 'with its authority')
  await t.rejects(ask(server.url, {}), { status: 0, message: /SELF_SIGNED|self.signed/ }, 'without')
  await t.rejects(
    ask(server.url, { ca: { file: elsewhere.file } }),
    { status: 0, message: /SELF_SIGNED|self.signed/ },
    'with another one',
  )
  t.equal(server.requests(), 1, 'no other request, with its token, was sent')
  const other = await serve(elsewhere)
  const ca = { file: elsewhere.file }
  await t.rejects(ask(other.url, { ca }), { status: 0, message: /ALTNAME/ }, 'for another address')
  t.equal(other.requests(), 0)
  t.strictSame(await ask(other.url, { insecure: true }), {}, 'unless the kubeconfig says so')
})
