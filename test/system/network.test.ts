import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { probe } from '../../src/system/network.js'

const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

t.equal(await probe('127.0.0.1', port, 2_000), undefined, 'something listens')
server.close()
await once(server, 'close')
t.equal(await probe('127.0.0.1', port, 2_000), 'refused', 'nothing listens')
