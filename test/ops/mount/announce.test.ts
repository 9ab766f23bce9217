import t, { type Test } from 'tap'
import { Secret } from '../../../src/core/secret.js'
import { mountVolume } from '../../../src/ops/mount/mount.js'
import { unmountVolume } from '../../../src/ops/mount/unmount.js'
import { targetFiles } from '../../../src/ops/target/target-files.js'
import {
  BOOT,
  type FakeFile,
  type FakeProcess,
  type fakeSystem,
  mountLine,
  type Script,
} from '../../support/fake-system.js'
import { EMPTY_TARGET, nodeWith, recordOf, request, TARGET } from '../../support/mounting.js'
import { KEY } from '../../support/volumes.js'

type Fake = ReturnType<typeof fakeSystem>

const keepsKeys = { tree: EMPTY_TARGET, config: { recovery: true } }
const fromSecret = { credential: { from: 'secret' as const, key: new Secret(KEY) } }

const NO_RECORD = { state: undefined, hasKey: false }

t.test('state and key are there before the mount is made', async t => {
  for (const [mounter, program] of [
    ['fuse', 'ceph-fuse'],
    ['kernel', 'mount'],
  ] as const) {
    const seen: ReturnType<typeof recordOf>[] = []
    const watch: Script = started => {
      if (started === program) seen.push(recordOf(fake))
      return {}
    }
    const fake: Fake = nodeWith(watch, keepsKeys)
    await mountVolume(request({ mounter, ...fromSecret }), fake.system)
    t.match(seen, [{ state: { unfinished: true, client: mounter, recipe: { path: '/' } }, hasKey: true }])
    t.match(
      recordOf(fake),
      { state: { unfinished: undefined, client: mounter }, hasKey: true },
      'and after it',
    )
    t.notMatch(JSON.stringify(seen), KEY, 'the state has no key')
    await unmountVolume(TARGET, fake.system)
    t.strictSame(recordOf(fake), NO_RECORD)
  }
})

t.test('a call that fails takes state and key back', async t => {
  const fails: Script = program => (/^(ceph-fuse|mount)$/.test(program) ? { exitCode: 1 } : {})
  const isLost: Script = program => (program === 'stat' ? { exitCode: 1, stderr: 'stat: broken' } : {})
  const cannotGive: Script = program => (program === 'chgrp' ? { exitCode: 1 } : {})
  for (const [what, script] of Object.entries({ fails, isLost, cannotGive }))
    for (const mounter of ['fuse', 'kernel', 'auto'] as const) {
      const fake = nodeWith(script, keepsKeys)
      const volume = { mounter, fsGroupPolicy: 'root' as const, fsGroup: 7, ...fromSecret }
      await t.rejects(mountVolume(request(volume), fake.system), `${what}, ${mounter}`)
      t.strictSame(fake.table, [])
      t.strictSame(recordOf(fake), NO_RECORD, 'nothing is left')
    }
})

t.test('a mount that cannot be undone keeps its state and its key', async t => {
  const script: Script = program => {
    if (program === 'stat') return { exitCode: 1, stderr: 'stat: broken' }
    return program === 'umount' ? { exitCode: 32, stderr: 'target is busy' } : {}
  }
  const fake = nodeWith(script, keepsKeys)
  await t.rejects(mountVolume(request({ mounter: 'fuse', ...fromSecret }), fake.system))
  t.equal(fake.table.length, 1)
  t.match(recordOf(fake), { state: { unfinished: true }, hasKey: true })
})

const volume = request({ mounter: 'fuse', ...fromSecret })

/** A node on which a mount call was killed as it ran the mount program. */
const killed = async (t: Test, { hasMounted }: { hasMounted: boolean }) => {
  const dead = { pid: process.pid, startTime: '3', call: `mount ${TARGET}`, since: 'then' }
  const before = new Map<string, FakeFile>()
  const script: Script = program => {
    if (program !== 'ceph-fuse' || before.size > 0) return {}
    for (const [path, thing] of fake.tree) before.set(path, thing)
    return { exitCode: 1 }
  }
  const fake: Fake = nodeWith(script, { ...keepsKeys, abandonedBy: dead })
  await t.rejects(mountVolume(volume, fake.system))
  for (const [path, thing] of before) fake.tree.set(path, thing)
  fake.killed.splice(0)
  const { adminSocket } = targetFiles(fake.system, TARGET, process.pid)
  const client: FakeProcess = {
    ...{ name: 'ceph-fuse', state: 'S', group: 84, pid: 84, startTime: '5' },
    argv: ['ceph-fuse', `--admin-socket=${adminSocket}`, TARGET],
  }
  // the process that started the client, and has not ended yet
  fake.running.push({ ...client, pid: 83, startTime: '4' }, client)
  if (hasMounted) fake.table.push(mountLine(TARGET, 'fuse.ceph-fuse'))
  t.match(recordOf(fake), { state: { unfinished: true, bootId: BOOT }, hasKey: true }, 'as it was killed')
  return fake
}

t.test('a call that is killed after it has mounted', async t => {
  const fake = await killed(t, { hasMounted: true })
  const report = await mountVolume(volume, fake.system)
  t.match(report, { already: true, client: 'fuse' }, 'the next mount call leaves the mount to its pod')
  t.strictSame(fake.killed, ['83 SIGKILL'], 'and its client')
  t.match(recordOf(fake), { state: { process: { pid: 84 }, unfinished: undefined }, hasKey: true })

  const other = await killed(t, { hasMounted: true })
  let atUmount: string[] = []
  const { run } = other.system
  other.system.run = (program, argv, options) => {
    if (program === 'umount') atUmount = [...other.killed]
    if (program === 'umount') other.running.splice(0)
    return run(program, argv, options)
  }
  await unmountVolume(TARGET, other.system)
  t.strictSame(atUmount, ['83 SIGKILL'], 'an unmount call lets the client write what it has')
  t.strictSame(recordOf(other), NO_RECORD)
})

t.test('a call that is killed before it has mounted', async t => {
  const fake = await killed(t, { hasMounted: false })
  t.match(await mountVolume(volume, fake.system), { already: false }, 'the next call mounts')
  t.strictSame(fake.killed.sort(), ['83 SIGKILL', '84 SIGKILL'], 'without the client that would mount later')
  t.match(recordOf(fake), { state: { unfinished: undefined }, hasKey: true })

  const other = await killed(t, { hasMounted: false })
  t.equal(await unmountVolume(TARGET, other.system), 0)
  t.strictSame(recordOf(other), NO_RECORD, 'an unmount call removes state and key')
})
