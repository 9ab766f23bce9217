import { connect, createServer, type Socket } from 'node:net'
import { errno } from '../files.js'

/** How a watch ended. `ended`: try again; `dead`: the process has exited and left its socket behind. */
export type WatchEnd = 'ended' | 'dead' | 'timeout' | 'interrupted'

/** Pause if the connection fails, for example because too many processes wait. Then the caller tries again. */
const RETRY_MS = 20

/**
 * Creates a socket in an open directory. A process that connects to it sees that this one is alive: the connection
 * ends with `end`, which also removes the socket, or when this process exits, for any reason. This works across network
 * and PID namespaces, since only the file counts.
 *
 * @throws Error with the errno of bind(2).
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
    // exclusive: otherwise NODE_UNIQUE_ID in the environment makes Node.js ask a parent that does not exist
    server.listen({ path: at(directory, name), exclusive: true }, () => resolve({ end }))
    server.unref()
  })
}

/** Waits until the process behind a socket has exited or called `end`. Never rejects. */
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
    const timer = setTimeout(finish, timeoutMs, 'timeout')
    socket.on('close', hadError => hadError || finish('ended'))
    socket.on('error', error => {
      if (errno(error) === 'ECONNREFUSED') finish('dead')
      else setTimeout(finish, RETRY_MS, 'ended')
    })
    socket.resume()
    if (signal?.aborted) interrupt()
    else signal?.addEventListener('abort', interrupt, { once: true })
  })
}

/** The path of a socket may have at most 107 bytes (unix(7)); through the open directory it is always short. */
function at(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`
}
