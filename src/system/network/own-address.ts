import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'

const ANY_PORT = 9

/** The address of this node with which it reaches a host. Sends nothing. Undefined without a route. */
export function addressTowards(host: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    const finish = (address?: string) => {
      resolve(address)
      socket.close()
    }
    socket.once('error', () => finish())
    socket.connect(ANY_PORT, host, () => finish(socket.address().address))
  })
}
