import t from 'tap'
import { startDeadline } from '../../../src/core/deadline.js'
import { bindMount } from '../../../src/ops/target/bind-mount.js'
import type { HeldDirectory } from '../../../src/system/safe-path.js'
import { fakeSystem, type Script } from '../../support/fake-system.js'
import { TARGET } from '../../support/mounting.js'

const CLIENT = '/run/cephflex/shared/1'
const MOVED = '/moved/data'
const line = (path: string, id: number, device = 7) =>
  `${id} 27 0:${device} / ${path} rw,relatime - fuse.ceph-fuse source rw`

/** A node with a client; `place` is where the target's directory is when it is mounted. */
const nodeWith = (place: string, held: Partial<HeldDirectory> = {}) => {
  const run: Script = (program, argv) => {
    if (program === 'umount') fake.table.pop()
    if (argv.includes('--bind')) fake.table.push(line(place, 102))
    return {}
  }
  const fake: ReturnType<typeof fakeSystem> = fakeSystem({ run, tree: { [TARGET]: 'directory' } })
  fake.system.files.holdDirectory = () => ({
    path: '/proc/5/fd/9',
    place: () => place,
    close: () => {},
    ...held,
  })
  fake.table.push(line(CLIENT, 101))
  return fake
}
const bind = ({ system }: ReturnType<typeof nodeWith>) =>
  bindMount(system, { mount: CLIENT, within: '' }, TARGET, startDeadline(10_000), 'not bound')

t.test('the target is held while it is mounted', async t => {
  const closed: string[] = []
  const fake = nodeWith(TARGET, { close: () => closed.push('closed') })
  await bind(fake)
  t.strictSame(
    fake.commands(),
    [`mount -c --bind ${CLIENT} /proc/5/fd/9`],
    'by the directory, not by its name',
  )
  t.strictSame(closed, ['closed'])
})

t.test('its directory is moved meanwhile', async t => {
  const fake = nodeWith(MOVED)
  await t.rejects(bind(fake), { code: 'ENOMOUNT' })
  t.strictSame(fake.commands('umount'), [`umount -c -l -- ${MOVED}`], 'the mount is removed where it is')
  t.equal(fake.table.length, 1)
})

t.test('a mount that was there before stays', async t => {
  const fake = nodeWith('/third')
  fake.system.files.holdDirectory = path => ({ path, place: () => MOVED, close: () => {} })
  fake.table.push(line(MOVED, 90))
  await t.rejects(bind(fake), { code: 'ENOMOUNT' })
  t.strictSame(fake.commands('umount'), [])
})

t.test('its path leads elsewhere', async t => {
  const fake = nodeWith(TARGET)
  fake.system.files.holdDirectory = () => undefined
  await t.rejects(bind(fake), { code: 'ENOTARGET', message: /symbolic link/ })
  t.strictSame(fake.commands(), [], 'nothing is mounted')
})
