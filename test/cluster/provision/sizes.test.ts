import { statfsSync } from 'node:fs'
import t from 'tap'
import { parseQuantity } from '../../../src/core/provision/quantity.js'
import { createVolume, deleteVolume, expandVolume, showVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { BACKENDS, MIB, provisionerFor, requestFor } from '../../lab/provisioning.js'
import { base64 } from '../../support/volumes.js'

const EIB = 2n ** 60n

t.test('the quota is what was requested, rounded up to 4 MiB', async t => {
  const cluster = await startCluster(t, { mgr: true })
  const node = makeNode(t)
  for (const backend of BACKENDS) {
    const provisioner = await provisionerFor(t, cluster, { backend, claimRoot: `/volumes/z${backend}` })
    for (const [text, quota, larger] of [
      ['1', 4n * MIB, 5n * MIB],
      ['3Mi', 4n * MIB, 5n * MIB],
      ['10Mi', 12n * MIB, 13n * MIB],
      ['8Mi', 8n * MIB, 16n * MIB],
      ['9007199254740993', 2n ** 53n + 4n * MIB, 2n ** 53n + 5n * MIB],
      ['1Ei', EIB, EIB + 1n],
      ['7Ei', 7n * EIB, 7n * EIB + 1n],
    ] as const) {
      const request = requestFor('sized', backend, { sizeBytes: parseQuantity(text) })
      t.match((await createVolume(provisioner, request)).volume, { sizeBytes: quota }, `${backend}: ${text}`)
      t.strictSame((await createVolume(provisioner, request)).steps, [], 'again')
      t.strictSame(
        (await expandVolume(provisioner, 'sized', request.sizeBytes)).steps,
        [],
        'it has this size',
      )
      await expandVolume(provisioner, 'sized', larger)
      const rounded = ((larger + 4n * MIB - 1n) / (4n * MIB)) * 4n * MIB
      t.equal((await showVolume(provisioner, 'sized')).sizeBytes, rounded, `expanded to ${larger}`)
      await deleteVolume(provisioner, 'sized')
    }
    const { volume, key } = await createVolume(
      provisioner,
      requestFor(`df-${backend}`, backend, { sizeBytes: 3n * MIB }),
    )
    const target = node.target(backend)
    const { path = '', user = '' } = volume ?? {}
    const options = {
      monitors: cluster.monitors,
      path,
      user,
      'kubernetes.io/secret/key': base64(key?.reveal() ?? ''),
    }
    t.strictSame((await node.mount(target, options)).reply, { status: 'Success' })
    const { blocks, bsize } = statfsSync(target)
    t.equal(BigInt(blocks) * BigInt(bsize), 4n * MIB, 'df shows all of it')
  }
})
