import t from 'tap'
import { parseKubeconfig, podAccess } from '../../../src/core/kubernetes/kubeconfig.js'

const config = (changes: { cluster?: object; user?: object; context?: object; current?: string } = {}) =>
  JSON.stringify({
    'current-context': changes.current ?? 'c',
    contexts: [null, { name: 'c', context: { cluster: 'k', user: 'u', ...changes.context } }],
    clusters: [{ name: 'k', cluster: { server: 'https://10.0.0.1:6443/', ...changes.cluster } }],
    users: [{ name: 'u', user: changes.user ?? { token: 'secret-token' } }],
  })
const parse = (changes?: Parameters<typeof config>[0]) => parseKubeconfig(config(changes), '/etc/k')
const base64 = (text: string) => Buffer.from(text).toString('base64')

t.test('a kubeconfig that can be used', async t => {
  const access = parse({ context: { namespace: 'apps' } })
  t.match(access, { server: 'https://10.0.0.1:6443', namespace: 'apps', insecure: false })
  t.notMatch(JSON.stringify(access), /secret-token/, 'the token is a secret')
  t.equal((access.token as { text: { reveal: () => string } }).text.reveal(), 'secret-token')
  t.match(parse({ user: { tokenFile: 'token' } }), { token: { file: '/etc/k/token' }, namespace: 'default' })
  t.match(parse({ user: { 'client-certificate': 'a.crt', 'client-key': '/b.key' } }), {
    clientCertificate: { file: '/etc/k/a.crt' },
    clientKey: { file: '/b.key' },
    token: undefined,
  })
  const { ca } = parse({ cluster: { 'certificate-authority-data': base64('PEM'), 'tls-server-name': 'k8s' } })
  t.equal((ca as { text: { reveal: () => string } }).text.reveal(), 'PEM')
  t.equal(parse({ cluster: { 'insecure-skip-tls-verify': true } }).insecure, true)
})

t.test('a kubeconfig that cannot be used', async t => {
  const cases: [changes: Parameters<typeof config>[0], message: RegExp][] = [
    [{ current: 'x' }, /no context "x"/],
    [{ context: { cluster: 'x' } }, /no cluster "x"/],
    [{ context: { user: 'x' } }, /no user "x"/],
    [{ cluster: { server: 'ftp://x' } }, /has no server/],
    [{ cluster: { 'proxy-url': 'http://x' } }, /proxy-url/],
    [{ user: { exec: {} } }, /"exec"/],
    [{ user: { username: 'x', password: 'y' } }, /"username"/],
  ]
  for (const [changes, message] of cases) t.throws(() => parse(changes), { code: 'EUSAGE', message })
  t.throws(() => parseKubeconfig('{', '/'), { code: 'EUSAGE' })
  t.throws(() => parseKubeconfig('', '/'), { code: 'EUSAGE' })
})

t.test('a pod', async t => {
  t.throws(() => podAccess({}, undefined), { code: 'EUSAGE', hint: /--kubeconfig/ })
  const v6 = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }
  t.match(podAccess(v6, 'apps\n'), {
    server: 'https://[fd00::1]:6443',
    namespace: 'apps',
    token: { file: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
  })
  t.match(podAccess({ KUBERNETES_SERVICE_HOST: '10.96.0.1' }, undefined), { server: 'https://10.96.0.1:443' })
})
