import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { probe } from '../../../src/system/network/network.js'
import { needsProgram } from '../../support/needs.js'

t.test('a port', async t => {
  const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  t.equal(await probe('127.0.0.1', port, 2_000), undefined, 'something listens')
  server.close()
  await once(server, 'close')
  t.equal(await probe('127.0.0.1', port, 2_000), 'refused', 'nothing listens')
})

t.test('a port that does not answer', { skip: needsProgram('python3') }, async t => {
  // a program that never accepts: when its queue is full, the kernel drops new connections
  const source = 'import socket, time; s = socket.create_server(("127.0.0.1", 0), backlog=0); '
  const deaf = spawn('python3', ['-uc', `${source}print(s.getsockname()[1]); time.sleep(60)`])
  t.teardown(() => deaf.kill('SIGKILL'))
  const [port] = await once(deaf.stdout, 'data')
  const start = performance.now()
  let problem: string | undefined
  for (let tries = 0; tries < 5 && problem === undefined; tries += 1)
    problem = await probe('127.0.0.1', Number(port), 200)
  t.equal(problem, 'no answer', 'reported differently from a refused connection')
  t.ok(performance.now() - start < 10_000, 'the timeout is kept')
  t.type(await probe('256.0.0.1', 1, 500), 'string', 'an invalid address is reported as a problem')
})
