import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import t from 'tap'
import { IN_MEMORY, startCluster } from '../../lab/cluster.js'
import { type Call, makeNode, NOTHING } from '../../lab/node.js'
import { cephflex } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

const readText = (path: string) => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Arguments and environment of every process, except this one and those that the kubelet itself would start. */
const processTexts = (except: ReadonlySet<number>): string[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && !except.has(Number(name)))
    .flatMap(pid => ['cmdline', 'environ'].map(file => readText(`/proc/${pid}/${file}`)))

const filesBelow = (directory: string, except?: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !(except && entry.parentPath.startsWith(except)))
    .map(entry => readText(`${entry.parentPath}/${entry.name}`))

t.test('the key does not appear anywhere', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const forms = [cluster.adminKey, base64(cluster.adminKey), base64(`${cluster.adminKey}\n`)]
  const holdsKey = (text: string) => forms.some(form => text.includes(form))
  const found: string[] = []
  const search = (where: string, texts: readonly string[]) => {
    if (texts.some(holdsKey)) found.push(where)
  }

  /**
   * Runs a call and samples every process while it runs, except for the driver's own arguments, which the kubelet sets.
   * A call that fails at once is repeated until there are enough samples.
   */
  const watched = async (where: string, args: readonly string[]) => {
    let samples = 0
    let ownArguments = 0
    let calls = 0
    let call: Call
    do {
      const child = node.start(args)
      const timer = setInterval(() => {
        samples += 1
        search(`a process during ${where}`, processTexts(new Set([process.pid, child.pid ?? 0])))
        if (holdsKey(readText(`/proc/${child.pid}/cmdline`))) ownArguments += 1
      }, 15)
      call = await node.finish(child)
      clearInterval(timer)
      calls += 1
      search(`the reply to ${where}`, [call.output])
    } while (samples <= 2 && calls < 50)
    t.ok(samples > 2, `${where} was watched: ${samples} samples of ${calls} calls`)
    t.ok(ownArguments < samples, `${where} hides its own arguments (seen in ${ownArguments} of ${samples})`)
    return call
  }
  const everywhere = (when: string) => {
    search(`the log or state ${when}`, filesBelow(node.dir))
    search(`the mount table ${when}`, [readText('/proc/self/mountinfo'), readText('/proc/self/mounts')])
    search(`a key file ${when}`, filesBelow(node.keyrings))
    search(`shared memory ${when}`, filesBelow('/dev/shm', IN_MEMORY))
  }

  for (const key of [
    cluster.adminKey,
    `${cluster.adminKey}\n`,
    `[client.admin]\n\tkey = ${cluster.adminKey}\n`,
  ]) {
    const options = (changes: Record<string, string> = {}) =>
      JSON.stringify({ monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(key), ...changes })
    const target = node.target()
    t.equal((await watched('a good mount', ['mount', target, options()])).reply.status, 'Success')
    everywhere('while mounted')
    await node.unmount(target)
    everywhere('after unmount')
    if (key !== cluster.adminKey) continue
    const failing: Record<string, string>[] = [
      { path: '/nope' },
      { user: 'nobody' },
      { user: cluster.adminKey },
      { fsName: cluster.adminKey },
      { path: `/${cluster.adminKey}` },
      { mounter: 'kernel' },
      { [cluster.adminKey]: 'x' },
      { fuseOptions: `secret=${cluster.adminKey}` },
      { monitors: `${cluster.adminKey}:1` },
      { monitors: 'v1:127.0.0.1:1', timeoutSeconds: '5' },
    ]
    for (const changes of failing)
      t.equal(
        (
          await watched(
            Object.keys(changes)[0] === cluster.adminKey
              ? 'an unknown option'
              : JSON.stringify(Object.keys(changes)),
            ['mount', target, options(changes)],
          )
        ).reply.status,
        'Failure',
      )
    t.equal((await watched('broken JSON', ['mount', target, options().slice(1)])).reply.status, 'Failure')
    everywhere('after failures')
  }
  t.strictSame([...new Set(found)], [], 'no form of the key was found')
})

t.test('no command prints the key, even with a kept key', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t, { recovery: true })
  const target = node.target()
  const forms = [cluster.adminKey, base64(cluster.adminKey)]
  const holdsKey = (text: string) => forms.some(form => text.includes(form))
  const options = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  t.equal((await node.mount(target, options)).reply.status, 'Success')
  const archive = `${node.dir}/bundle.tar.gz`
  const COMMANDS = [
    ['status', '--json'],
    ['logs'],
    ['metrics'],
    ['doctor', '--json'],
    ['recover', '--json'],
    ['reap', '--json'],
    ['bundle', archive],
  ]
  for (const args of COMMANDS) {
    const { out, err } = await cephflex(args, { env: node.environment })
    t.ok(out + err !== '', `${args[0]} has output`)
    t.notOk(holdsKey(out + err), `${args[0]} shows no key`)
  }
  const unpacked = gunzipSync(readFileSync(archive)).toString('latin1')
  t.match(unpacked, /status/, 'the archive can be read')
  t.notOk(holdsKey(unpacked), 'the archive for bug reports contains no key')
  const holders = [...filesBelow(node.dir), ...filesBelow(node.keyrings)].filter(holdsKey)
  t.equal(holders.length, 1, 'one file in memory contains it, as configured')
  await node.unmount(target)
  t.strictSame(await node.settled(), NOTHING, 'and no other')
})

/** Aborts a process with `word` in its memory. @returns whether its core dump contains it. */
const dumpHolds = async (at: string, word: string, filter: string): Promise<boolean> => {
  const script = 'ulimit -c unlimited; echo "$1" >/proc/self/coredump_filter; kill -ABRT $$'
  await execa('sh', ['-c', script, 'sh', filter], { cwd: at, env: { W: word }, reject: false })
  const holds = filesBelow(at).some(text => text.includes(word))
  for (const file of readdirSync(at)) rmSync(`${at}/${file}`)
  return holds
}

t.test('core dumps', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const target = node.target()
  const options = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  const child = node.start(['mount', target, JSON.stringify(options)])
  const filters = new Set<string>()
  const timer = setInterval(() => filters.add(readText(`/proc/${child.pid}/coredump_filter`).trim()), 5)
  await node.finish(child)
  clearInterval(timer)
  t.ok(filters.has('00000000'), `of the call: ${[...filters].join(' ')}`)
  const pid = node.clientState()?.process?.pid
  t.equal(readText(`/proc/${pid}/coredump_filter`).trim(), '00000000', 'of ceph-fuse')
  await node.unmount(target)
  // the kernel's part; with another core_pattern, the dump may be written elsewhere
  const at = t.testdir()
  const word = randomBytes(24).toString('hex')
  if (readText('/proc/sys/kernel/core_pattern').startsWith('core'))
    t.ok(await dumpHolds(at, word, 'ff'), 'a dump without the filter contains the memory')
  t.notOk(await dumpHolds(at, word, '0'), 'a dump with the filter does not')
})

t.test('control: this test finds a key where there is one', async t => {
  const cluster = await startCluster(t)
  t.ok(
    filesBelow(cluster.dir).some(text => text.includes(cluster.adminKey)),
    'in a keyring',
  )
  t.ok(
    processTexts(new Set()).some(text => text.includes('node')),
    'in the arguments of processes',
  )
})
