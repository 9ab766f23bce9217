import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { askAdminSocket } from '../../../src/system/ceph/admin-socket.js'
import { readBanner } from '../../../src/system/ceph/banner.js'

/** A server that sends a text to every client, and then closes the connection or not. */
const speak = async (t: Test, text: string, hangUp = false, path?: string): Promise<number> => {
  const server = createServer(socket => {
    if (hangUp) socket.end(text)
    else socket.write(text)
    socket.on('error', () => undefined)
  })
  t.teardown(() => server.close())
  await new Promise<void>(done => (path ? server.listen(path, done) : server.listen(0, '127.0.0.1', done)))
  return path ? 0 : (server.address() as { port: number }).port
}

for (const [text, banner] of [
  ['ceph v027\0\0\0', 'v1'],
  ['ceph v2\n\x10\0', 'v2'],
  ['SSH-2.0-OpenSSH_9.2\r\n', 'other'],
  ['ok', 'other'],
  ['', 'silent'],
] as const)
  for (const hangUp of [true, false])
    t.test(`${JSON.stringify(text)}, then ${hangUp ? 'the end' : 'silence'}`, async t => {
      const answer = await readBanner('127.0.0.1', await speak(t, text, hangUp), 300)
      t.match(answer, { banner: text === '' && hangUp ? 'other' : banner, problem: undefined })
    })

t.test('a web server, which waits for its client', async t => {
  const server = http.createServer()
  t.teardown(() => server.close())
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  t.match(await readBanner('127.0.0.1', port, 600), { banner: 'other', problem: undefined })
})

t.test('nothing listens', async t => {
  t.match(await readBanner('127.0.0.1', 1, 300), { problem: 'refused', banner: undefined })
})

t.test('an admin socket that answers nonsense, or nothing', async t => {
  // not the test's own directory: the path of a socket must be short
  const directory = mkdtempSync('/tmp/cephflex-')
  t.teardown(() => rmSync(directory, { recursive: true }))
  await speak(t, '\0\0\0\u0002hm', true, `${directory}/nonsense`)
  await speak(t, '', false, `${directory}/silent`)
  for (const name of ['nonsense', 'silent', 'nothing'])
    t.equal(await askAdminSocket(`${directory}/${name}`, 'status', 200), undefined, name)
})
