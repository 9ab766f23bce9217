import { connect } from 'node:net'

/** An answer starts with its length, 32 bits, big-endian. */
const HEADER_BYTES = 4

/**
 * Sends a command to the admin socket of a Ceph daemon or client. The request
 * is JSON that ends with a NUL (Ceph: src/common/admin_socket.cc).
 *
 * @param path of the socket.
 * @param prefix the command, such as `status`.
 * @returns the answer, parsed; undefined if nothing listens, or if there is no
 *   complete answer within `timeoutMs`. Never rejects.
 */
export function askAdminSocket(path: string, prefix: string, timeoutMs: number): Promise<unknown> {
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    const socket = connect({ path })
    const finish = (answer?: unknown) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(finish, timeoutMs)
    socket.once('connect', () => socket.write(`${JSON.stringify({ prefix })}\0`))
    socket.on('data', chunk => chunks.push(chunk))
    socket.once('end', () => finish(parse(Buffer.concat(chunks))))
    socket.once('error', () => finish())
  })
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.subarray(HEADER_BYTES).toString())
  } catch {
    return undefined
  }
}
