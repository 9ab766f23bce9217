import { connect } from 'node:net'

/**
 * Whether something listens on a TCP port. Opens a connection and closes it.
 *
 * @returns undefined if it was accepted, else `refused`, `no answer` or the errno name.
 */
export function probe(host: string, port: number, timeoutMs: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    const finish = (problem?: string) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(problem)
    }
    const timer = setTimeout(finish, timeoutMs, 'no answer')
    socket.once('connect', () => finish())
    socket.once('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNREFUSED' ? 'refused' : (error.code ?? 'EUNKNOWN')),
    )
  })
}
