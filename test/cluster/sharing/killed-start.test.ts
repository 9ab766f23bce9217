// A mount call is killed while it starts the client that pods will share. Its pod is deleted.
import { readFileSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { NOTHING } from '../../lab/node.js'
import { sharingScene } from '../../lab/sharing.js'
import { until } from '../../lab/until.js'

const SUCCESS = { status: 'Success' }

t.test('a mount call that is killed', async t => {
  const { cluster, node, admin, clients, places, pods } = await sharingScene(t)
  const [target = '', other = ''] = pods(2)
  const killWhen = async (what: string, isTime: () => boolean | Promise<boolean>) => {
    const call = node.start(['mount', target, JSON.stringify(admin)])
    await until(what, isTime)
    call.kill('SIGKILL')
    t.ok((await call).failed, 'it has not ended by itself')
  }
  /** The client is mounted, and the call waits for a stat(1) that never ends. */
  const killAfterMount = async (t: Test) => {
    const config = readFileSync(node.configFile, 'utf8')
    const bin = t.testdir({ stat: '#!/bin/sh\nexec sleep 60\n' })
    writeFileSync(node.configFile, JSON.stringify({ ...JSON.parse(config), searchPath: [bin] }))
    await execa('chmod', ['a+x', `${bin}/stat`])
    await killWhen('its client is mounted', () => places().length > 0)
    writeFileSync(node.configFile, config)
  }

  await t.test('while its client starts: the unmount call ends that', async t => {
    await cluster.ctl('mds', 'pause')
    await killWhen('its client starts', async () => (await clients()).length > 0)
    await cluster.ctl('mds', 'resume')
    t.strictSame((await node.unmount(target)).reply, SUCCESS)
    t.strictSame(await node.settled(), NOTHING, 'nothing is left')
  })

  await t.test('when its client is mounted: the unmount call ends that', async t => {
    await killAfterMount(t)
    t.equal((await clients()).length, 1)
    t.strictSame((await node.unmount(target)).reply, SUCCESS)
    t.strictSame(await node.settled(), NOTHING, 'nothing is left')
  })

  await t.test('and another pod has the client by now: the unmount call leaves it', async t => {
    await killAfterMount(t)
    t.strictSame((await node.mount(other, admin)).reply, SUCCESS)
    const before = await clients()
    t.equal(before.length, 1)
    t.strictSame((await node.unmount(target)).reply, SUCCESS)
    t.strictSame(await clients(), before)
    t.strictSame((await node.unmount(other)).reply, SUCCESS)
    t.strictSame(await node.settled(), NOTHING, 'its last pod ends it')
  })
})
