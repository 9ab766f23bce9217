import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CephflexError } from '../../core/errors.js'

/** Returns the status and text of a page. */
export type Page = () => { status: number; text: string }

export type HttpServer = { port: number; close: () => Promise<void> }

const LIMIT_MS = 10_000

/**
 * Serves GET for a few fixed paths, for probes and Prometheus.
 *
 * @param host undefined: all addresses of this machine.
 * @param port 0: any free port.
 * @throws CephflexError EUSAGE if it cannot listen there.
 */
export function serveHttp(
  { host, port }: { host?: string | undefined; port: number },
  pages: Readonly<Record<string, Page>>,
): Promise<HttpServer> {
  return new Promise((resolve, reject) => {
    const server = createServer(
      { requestTimeout: LIMIT_MS, headersTimeout: LIMIT_MS },
      (request, response) => {
        const page = pages[(request.url ?? '').split('?')[0] ?? '']
        const isRead = request.method === 'GET' || request.method === 'HEAD'
        const { status, text } = page && isRead ? page() : { status: 404, text: 'not found\n' }
        response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
      },
    )
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CephflexError('EUSAGE', `cannot listen on ${host ?? ''}:${port}: ${error.code ?? 'EUNKNOWN'}`),
      ),
    )
    server.listen({ host, port }, () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise(done => {
            server.close(() => done())
            server.closeAllConnections()
          }),
      }),
    )
  })
}
