import { connect, createServer, type Socket } from 'node:net'
import { errno } from './files.js'

/** What became of somebody who was watched. `dead`: it left its socket behind. */
export type WatchEnd = 'ended' | 'dead' | 'late' | 'interrupted'

/** For a holder that cannot be asked now, since too many wait: then it is asked again. */
const ASK_AGAIN_MS = 20

/**
 * Makes a socket in an open directory. Whoever connects to it sees that this process lives: the connection ends when
 * `end` is called, which also removes the socket, or with the process, however that ends and wherever the other one
 * looks from (the file counts, not network or process namespaces).
 *
 * @throws the errno of bind(2).
 */
export function announcePresence(directory: number, name: string): Promise<{ end: () => void }> {
  return new Promise((resolve, reject) => {
    const watchers = new Set<Socket>()
    const server = createServer(socket => {
      watchers.add(socket.unref().on('error', () => {}))
    })
    const end = () => {
      server.close()
      for (const watcher of watchers) watcher.destroy()
    }
    server.once('error', reject)
    // exclusive: without it NODE_UNIQUE_ID in the environment makes Node ask a parent that is none
    server.listen({ path: at(directory, name), exclusive: true }, () => resolve({ end }))
    server.unref()
  })
}

/** Waits until the process behind a socket is gone or has ended its presence. Never rejects. */
export function watch(
  directory: number,
  name: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<WatchEnd> {
  return new Promise(resolve => {
    const socket = connect({ path: at(directory, name) })
    const finish = (what: WatchEnd) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', interrupt)
      socket.destroy()
      resolve(what)
    }
    const interrupt = () => finish('interrupted')
    const timer = setTimeout(finish, timeoutMs, 'late')
    socket.on('close', hadError => hadError || finish('ended'))
    socket.on('error', error => {
      if (errno(error) === 'ECONNREFUSED') finish('dead')
      else setTimeout(finish, ASK_AGAIN_MS, 'ended')
    })
    socket.resume()
    if (signal?.aborted) interrupt()
    else signal?.addEventListener('abort', interrupt, { once: true })
  })
}

/** A socket's path may have 107 bytes only; by its open directory it is always short. */
function at(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`
}
