// What volume lint reports is what users can really do: mounted with ceph-fuse, read, and written with fsync.
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { cephKey, KEY_BYTES } from '../../../src/core/dev-cluster/keys.js'
import { lintUser } from '../../../src/ops/provision/lint.js'
import { atEnd } from '../../lab/at-end.js'
import { startCluster, type TestCluster } from '../../lab/cluster.js'
import { lintSessionFor, provisionerFor } from '../../lab/provisioning.js'
import { type Can, GOOD, type Row, TABLE, VOLUMES } from './lint-table.js'

const ROOT = '/volumes/kubernetes'
/** Clients mostly wait. */
const AT_ONCE = 6
const SUITE_MS = 800_000
/** A client that the monitors keep waiting never ends. */
const MOUNT_MS = 6_000
const USE_MS = 5_000

t.test('what users can do', { timeout: SUITE_MS }, async t => {
  t.ok(TABLE.length >= 60, `${TABLE.length} users`)
  const cluster = await startCluster(t, { secondFs: true })
  await makeVolumes(t, cluster)
  const sessions = {
    first: await lintSessionFor(t, cluster, { fsName: 'cephfs' }),
    second: await lintSessionFor(t, cluster, { fsName: 'second' }),
  }
  const rows = [...TABLE.entries()]
  const worker = async () => {
    for (let next = rows.shift(); next; next = rows.shift()) {
      const [index, row] = next
      const user = `u${index}`
      const path = pathOf(row)
      const key = await addUser(cluster, user, row)
      const truth = await tryUser(t, cluster, { user, key, row })
      const report = await lintUser(sessions[row.fsName ?? 'first'], user, { path })
      const [verdict] = report.access
      const title = JSON.stringify(row)
      t.equal(truth, row.can, `the truth of ${title}`)
      const said = ['mount', 'read', 'write', 'others'].filter(
        word => verdict?.[word as 'mount' | 'read' | 'write' | 'others'],
      )
      t.equal(said.join(' '), row.can, `the verdict on ${title}`)
      const isGood = row.can.startsWith(row.readOnly ? 'mount read' : 'mount read write') && !row.fault
      const errors = report.findings.filter(({ level }) => level === 'error')
      t.equal(errors.length === 0, isGood, `whether lint passes ${title}`)
      for (const { text, works } of errors) t.match([text, works], [/"|no \w+ caps/, /^(?:mds|osd|mon) '/])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
})

t.test('the caps that lint says would work do work', async t => {
  const cluster = await startCluster(t)
  await makeVolumes(t, cluster)
  const session = await lintSessionFor(t, cluster)
  const faults: Row[] = [
    {
      mds: `allow rw path=${ROOT}/ns/`,
      osd: 'allow r tag cephfs data=other',
      mon: 'profile rbd',
      at: 'ns',
      can: '',
    },
    { mds: `allow rw path=${ROOT}/extra fsname=cephfs`, osd: 'allow rw pool = data', at: 'extra', can: '' },
    { mds: null, osd: null, mon: 'allow r', at: 'group/inherits', can: '' },
  ]
  for (const [index, row] of faults.entries()) {
    const user = `fault${index}`
    const key = await addUser(cluster, user, row)
    t.equal(await tryUser(t, cluster, { user, key, row }), '')
    const { findings, repair = '' } = await lintUser(session, user, { path: pathOf(row) })
    t.ok(findings.length >= 2)
    await execa('sh', ['-c', repair], {
      env: { CEPH_CONF: cluster.conf, CEPH_KEYRING: cluster.adminKeyring },
    })
    t.equal(await tryUser(t, cluster, { user, key, row }), 'mount read write', repair)
    t.strictSame(
      (await lintUser(session, user, { path: pathOf(row) })).findings,
      [],
      'and lint has nothing left',
    )
  }
})

/** Pools and directories of the table. Each has a file `seed`. */
async function makeVolumes(t: Test, cluster: TestCluster) {
  for (const pool of ['extra', 'untagged']) {
    await cluster.command({ prefix: 'osd pool create', pool, pg_num: 1 })
    await cluster.command({ prefix: 'fs add_data_pool', fs_name: 'cephfs', pool })
  }
  await cluster.command({ prefix: 'osd pool application rm', pool: 'untagged', app: 'cephfs', key: 'data' })
  const { files, openRoot } = await provisionerFor(t, cluster, { fsName: 'cephfs' })
  await openRoot(true)
  for (const [path, layout] of Object.entries(VOLUMES)) {
    await files.change('mkdir', { path, mode: 0o777 })
    const { pool = 'data', namespace }: { pool?: string; namespace?: string } = layout
    const set = (name: string, value: string) => files.change('set', { path, name, value })
    if ('pool' in layout) await set('ceph.dir.layout.pool', pool)
    if (namespace !== undefined) await set('ceph.dir.layout.pool_namespace', namespace)
    await cluster.writeFile(`${ROOT}/${path}/seed`, 'seed')
  }
  await cluster.writeFile('/seed', 'seed', { fsName: 'second' }).catch(() => undefined)
}

/** Creates a user with exactly these caps, also with those that the monitors refuse to set: they import a keyring. */
async function addUser({ session }: TestCluster, user: string, row: Row): Promise<string> {
  const caps = Object.entries({ ...GOOD, ...row }).filter(
    ([service, text]) => ['mds', 'osd', 'mon'].includes(service) && text !== null,
  ) as [string, string][]
  const key = cephKey(randomBytes(KEY_BYTES), 1).reveal()
  const lines = caps.map(([service, text]) => `\tcaps ${service} = "${text.replace(/["\\]/g, '\\$&')}"\n`)
  const keyring = `[client.${user}]\n\tkey = ${key}\n`
  const add = { prefix: 'auth add', entity: `client.${user}`, caps: caps.flat() }
  const added = await session().ask('mon', add, { input: keyring })
  if (added.code === 0) return key
  const imported = await session().ask('mon', { prefix: 'auth import' }, { input: keyring + lines.join('') })
  if (imported.code !== 0) throw new Error(`${user}: ${imported.error}`)
  return key
}

/** What a user can really do, as in the table. */
async function tryUser(
  t: Test,
  cluster: TestCluster,
  { user, key, row }: { user: string; key: string; row: Row },
): Promise<Can> {
  const keyring = `${cluster.dir}/keyring.${user}`
  const target = `${cluster.dir}/mount.${user}`
  writeFileSync(keyring, `[client.${user}]\n\tkey = ${key}\n`, { mode: 0o600 })
  mkdirSync(target, { recursive: true })
  atEnd(t, () => execa('umount', ['-l', '-f', target], { reject: false }))
  const mounted = async (path: string, use: () => Promise<string[]>) => {
    const fsName = row.fsName === undefined ? [] : [`--client_fs=${row.fsName}`]
    const client = [
      '-c',
      cluster.conf,
      '--id',
      user,
      '-k',
      keyring,
      '--log-file=/dev/null',
      '--admin-socket=',
    ]
    const { isOk } = await inTime(MOUNT_MS, 'ceph-fuse', [...client, ...fsName, '-r', path, target])
    if (!isOk) return undefined
    const found = await use()
    // forced and lazy: a client without enough caps may keep an umount waiting
    await inTime(USE_MS, 'umount', ['-l', '-f', target])
    return found
  }
  const here = await mounted(pathOf(row), async () => {
    const { stdout } = await inTime(USE_MS, 'sh', ['-c', USE, target], target)
    return ['mount', ...stdout.split('\n').filter(word => word === 'read' || word === 'write')]
  })
  if (here === undefined) return ''
  const other = row.at === undefined ? `${ROOT}/b` : undefined
  const others =
    other && (await mounted(other, async () => [(await inTime(USE_MS, 'ls', [target], target)).stdout]))
  return [...here, ...(others?.[0] ? ['others'] : [])].join(' ') as Can
}

const USE = [
  'cat "$0/seed" >/dev/null && echo read',
  'dd if=/dev/zero of="$0/new" bs=4k count=1 conv=fsync 2>/dev/null && echo write',
].join('\n')

/** Runs a program that may hang, also in the kernel: then its mount is aborted. */
async function inTime(ms: number, program: string, args: readonly string[], mountedOn?: string) {
  const child = execa(program, args, {
    reject: false,
    detached: true,
    cleanup: false,
    stdin: 'ignore',
    stderr: 'ignore',
  })
  const timer = setTimeout(async () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    if (mountedOn !== undefined) await execa('umount', ['-l', '-f', mountedOn], { reject: false })
  }, ms)
  const { exitCode, stdout } = await child
  clearTimeout(timer)
  return { isOk: exitCode === 0, stdout }
}

function pathOf({ at = 'a' }: Row): string {
  return at === '/' ? '/' : `${ROOT}/${at}`
}
