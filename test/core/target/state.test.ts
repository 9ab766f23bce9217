import t from 'tap'
import {
  identityOf,
  isSameVolume,
  type MountState,
  parseMountState,
  recipeOf,
  stateText,
} from '../../../src/core/target/state.js'
import type { VolumeOptions } from '../../../src/core/volume/volume.js'
import { KEY, volume } from '../../support/volumes.js'

const BOOT = '5b1f0d2c-0000-4000-8000-000000000001'

const state: MountState = {
  version: 1,
  bootId: BOOT,
  target: '/pods/a',
  volume: identityOf(volume()),
  client: 'fuse',
  process: { pid: 77, startTime: '1234' },
  adminSocket: '/run/cephflex/clients/a.1.asok',
  logFile: '/var/log/cephflex/client-a.1.log',
  made: [],
  pod: { name: 'web' },
  mountedAt: '2026-11-23T06:01:25.219Z',
}

t.test('the state file', async t => {
  const text = JSON.stringify(state)
  t.strictSame(parseMountState(text, BOOT), state, 'a state of this boot is read as it was written')
  t.equal(parseMountState(text, 'another'), undefined, 'a state of an earlier boot is ignored')
  const older = JSON.stringify({ ...state, version: 2 })
  t.equal(parseMountState(older, BOOT), undefined, 'a state of another version is ignored')
  for (const broken of [undefined, '', 'null', '[]', '1', '"x"', text.slice(0, 40)]) {
    t.equal(parseMountState(broken, BOOT), undefined, `${broken} is ignored`)
  }
  t.notMatch(JSON.stringify(identityOf(volume())), KEY, 'an identity contains no key')
})

t.test('the text of a state file, which other releases read', async t => {
  const { version, bootId, ...records } = state
  t.equal(stateText(BOOT, records, records), `${JSON.stringify(state)}\n`, 'in the order of version 1')
  const all = {
    ...records,
    recipe: recipeOf(volume()),
    recovered: true as const,
    session: 'a',
    pidNamespace: 'pid:[1]',
  }
  t.equal(
    Object.keys(JSON.parse(stateText(BOOT, all, all)) as object).join(' '),
    'version bootId target volume recipe recovered client process session pidNamespace adminSocket logFile made pod mountedAt',
    'with everything that may be missing',
  )
  t.strictSame(parseMountState(stateText(BOOT, all, all), BOOT), { version, bootId, ...all })
})

t.test('which volumes are the same', async t => {
  const same = (a: Partial<VolumeOptions>, b: Partial<VolumeOptions>) =>
    isSameVolume(identityOf(volume(a)), identityOf(volume(b)))
  const one = { host: '10.0.0.1' }
  const two = { host: '10.0.0.2', port: 3300 }
  t.equal(
    same({ monitors: [one, two] }, { monitors: [two, one] }),
    true,
    'the order of monitors does not matter',
  )
  t.equal(same({ mounter: 'fuse' }, { mounter: 'kernel' }), true, 'the client does not matter')
  t.equal(same({ timeoutS: 5 }, { timeoutS: 9, pod: {} }), true, 'nor do the time limit and the pod')
  const read = JSON.parse(JSON.stringify(identityOf(volume()))) as ReturnType<typeof identityOf>
  t.equal(isSameVolume(read, identityOf(volume())), true, 'an identity from a file is equal')
  const DIFFERENT: [Partial<VolumeOptions>, Partial<VolumeOptions>, string][] = [
    [{ path: '/a' }, { path: '/b' }, 'path'],
    [{ user: 'a' }, { user: 'b' }, 'user'],
    [{ fsName: 'a' }, { fsName: 'b' }, 'file system'],
    [{}, { fsName: 'a' }, 'a named file system or the default one'],
    [{ readOnly: true }, { readOnly: false }, 'read-only'],
    [{ monitors: [one] }, { monitors: [one, two] }, 'number of monitors'],
    [{ monitors: [{ ...one, port: 1 }] }, { monitors: [{ ...one, port: 2 }] }, 'port'],
    [{ monitors: [{ ...one, protocol: 'v1' }] }, { monitors: [{ ...one, protocol: 'v2' }] }, 'protocol'],
  ]
  for (const [a, b, what] of DIFFERENT) t.equal(same(a, b), false, `another volume: ${what}`)
})
