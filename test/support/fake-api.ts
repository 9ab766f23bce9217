import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { ApiAccess } from '../../src/core/kubernetes/kubeconfig.js'
import { Secret } from '../../src/core/secret.js'

type Handler = (
  request: { url: URL; body: unknown; headers: IncomingMessage['headers'] },
  response: Answer,
) => void

export type Answer = {
  /** Answers with JSON. */
  json: (body: object, status?: number) => void
  /** Writes a line and keeps the answer open. */
  line: (body: object | string) => void
  end: () => void
  /** Cuts the connection. */
  cut: () => void
}

/**
 * An API server with the answers that a test sets, also those that a real one rarely
 * gives. The kubelet's suite uses a real one.
 *
 * @param handlers by method and path, such as `GET /api`.
 */
export async function fakeApi(t: Test, handlers: Record<string, Handler>) {
  const calls: string[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    const key = `${request.method} ${url.pathname}`
    calls.push(key)
    const answer = answerOn(response)
    const body = await bodyOf(request)
    const handler = handlers[key]
    if (handler) handler({ url, body, headers: request.headers }, answer)
    else answer.json({ kind: 'Status', message: 'none', reason: 'NotFound' }, 404)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const access: ApiAccess = {
    server: `http://127.0.0.1:${port}`,
    namespace: 'apps',
    token: { text: new Secret('the-token') },
  }
  return { access, calls }
}

function answerOn(response: ServerResponse): Answer {
  return {
    json: (body, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    },
    line: body => {
      if (!response.headersSent) response.writeHead(200)
      response.write(`${typeof body === 'string' ? body : JSON.stringify(body)}\n`)
    },
    end: () => response.end(),
    cut: () => response.destroy(),
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? undefined : JSON.parse(text)
}
