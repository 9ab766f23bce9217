import { connect } from 'node:net'

/** The answer is preceded by its length, 32 bits, big-endian. */
const HEADER_BYTES = 4

/**
 * Asks a Ceph daemon or client on its admin socket (protocol: Ceph's
 * src/common/admin_socket.cc: a JSON request that ends with a NUL).
 *
 * @returns its answer; undefined if nobody listens or none came in time. Never rejects.
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
