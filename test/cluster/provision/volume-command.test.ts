import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { adminCommands, volumeUsers } from '../../lab/provisioning.js'

const PV = 'pvc-0b8a2c4e-1111-4222-8333-123456789abc'

t.test('the commands', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const command = adminCommands(t, node, cluster, cluster.adminKey)
  const run = (args: string[], input?: string) => command(['volume', ...args], input)
  const dry = await run(['create', 'web', '--size', '8Mi', '--dry-run'])
  t.match(
    dry.stdout,
    /^mkdir -p \/volumes\/kubernetes\n.*\nceph auth get-or-create client\.kubernetes_dynamic_user_/s,
  )
  t.match(dry.stderr, 'if a directory above /volumes/kubernetes has a layout, its data pool is used')
  t.strictSame(
    await run(['list', '--json']),
    { stdout: '[]', stderr: '', exitCode: 0 },
    'nothing was created',
  )
  t.match(await run(['create', 'web', '--size', '8Mi']), {
    stdout: /^web: 8Mi in \/volumes\/kubernetes\//,
    exitCode: 0,
  })
  const shown = JSON.parse((await run(['show', 'web', '--json'])).stdout) as {
    user: string
    sizeBytes: number
  }
  t.match(shown, { pv: 'web', sizeBytes: 8 * 1024 * 1024, backend: 'directory' })
  const yaml = (await run(['show', 'web', '--kubernetes'])).stdout
  t.match(
    yaml,
    /kind: "Secret"[\s\S]*type: "cephflex\/cephfs"[\s\S]*---[\s\S]*kind: "PersistentVolume"[\s\S]*driver: "cephflex\/cephfs"/,
  )
  t.match(await run(['lint', shown.user]), { stdout: /no problems found/, exitCode: 0 })
  t.match(await run(['lint'], '[client.x]\n\tcaps mds = "allow rw path=/a b"\n'), {
    stdout: /ignores all of them: parsing stops at " b"/,
    exitCode: 1,
  })
  t.match(await run(['expand', 'web', '--size', '16Mi']), { stdout: 'web now has 16Mi', exitCode: 0 })
  t.match(await run(['delete', 'web']), { stdout: 'web was deleted', exitCode: 0 })
  t.match(await run(['delete', 'web']), { stdout: 'web does not exist', exitCode: 0 })
  for (const args of [
    ['create', '../x', '--size', '1Gi'],
    ['create', 'x', '--size', 'big'],
    ['create', 'x', '--size', '1Gi', '--claim-root', '/a b'],
  ])
    t.match(await run(args), { stderr: /^EBADVOLUME: /, exitCode: 1 })
  t.strictSame(await volumeUsers(cluster), [])
})

t.test("the flex provisioner's calls", async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t, {
    clusters: { main: { monitors: cluster.monitorsBoth, adminKeyring: cluster.adminKeyring } },
  })
  const provision = (changes: object = {}) =>
    node.call(
      'provision',
      JSON.stringify({
        'kubernetes.io/pvOrVolumeName': PV,
        requestBytes: '8388608',
        requestMiB: '8',
        requestGiB: '1',
        ...changes,
      }),
    )
  const remove = (changes: object = {}) =>
    node.call('delete', JSON.stringify({ 'kubernetes.io/pvOrVolumeName': PV, ...changes }))

  t.strictSame((await provision()).reply, { status: 'Success' })
  t.strictSame((await provision()).reply, { status: 'Success' }, 'again')
  t.equal((await volumeUsers(cluster)).length, 1)
  t.match((await provision({ requestBytes: '5' })).reply, {
    status: 'Failure',
    message: /^EBADVOLUME: .*must not set the size/,
  })
  t.match((await provision({ 'kubernetes.io/pvOrVolumeName': '../x' })).reply, {
    status: 'Failure',
    message: /^EBADVOLUME: /,
  })
  t.match((await provision({ cluster: 'other' })).reply, {
    status: 'Failure',
    message: /^EBADVOLUME: cluster "other"/,
  })
  t.match((await provision({ claimroot: '/' })).reply, {
    status: 'Failure',
    message: /claimRoot must not be/,
  })
  t.match(
    (await provision({ monitors: cluster.monitors, secretFile: cluster.adminKeyring })).reply,
    { status: 'Failure', message: /^EBADKEY: / },
    'a file outside secretDirectories',
  )
  t.match((await node.call('provision', 'x')).reply, { status: 'Failure', message: /^EBADREQUEST: / })
  t.strictSame((await remove()).reply, { status: 'Success' })
  t.strictSame((await remove()).reply, { status: 'Success' }, 'already deleted')
  t.strictSame(await volumeUsers(cluster), [])
  t.notMatch(node.log(), cluster.adminKey, 'no key in the log')
  t.strictSame(node.leftovers(), { mounts: [], files: [], processes: [] })
})
