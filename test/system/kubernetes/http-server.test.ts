import t from 'tap'
import { serveHttp } from '../../../src/system/kubernetes/http-server.js'

const server = await serveHttp(
  { host: '127.0.0.1', port: 0 },
  { '/readyz': () => ({ status: 503, text: 'not yet\n' }) },
)
const ask = async (path: string, method = 'GET') => {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { method })
  return [answer.status, await answer.text()]
}
t.strictSame(await ask('/readyz?verbose'), [503, 'not yet\n'])
t.strictSame(await ask('/readyz', 'POST'), [404, 'not found\n'], 'only GET is supported')
t.strictSame(await ask('/other'), [404, 'not found\n'])
await t.rejects(serveHttp({ host: '127.0.0.1', port: server.port }, {}), {
  code: 'EUSAGE',
  message: /EADDRINUSE/,
})
await server.close()
