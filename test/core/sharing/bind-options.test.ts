import t from 'tap'
import { bindOptions, missingOptions } from '../../../src/core/sharing/bind-options.js'
import { parseMountInfo } from '../../../src/core/target/mount-table.js'
import { volume } from '../../support/volumes.js'

const bind = (readOnly: boolean, ...fuse: string[]) =>
  bindOptions(volume({ readOnly, options: { fuse, fuseFlags: [], kernel: [] } })).join()

t.equal(bind(false), 'rw,nosuid,nodev', 'never set-user-id programs or devices')
t.equal(bind(true), 'ro,nosuid,nodev')
t.equal(bind(false, 'noexec', 'noatime'), 'rw,nosuid,nodev,noexec,noatime')
t.equal(bind(false, 'noexec', 'exec'), 'rw,nosuid,nodev,exec', 'the last one counts')
t.equal(bind(false, 'sync'), 'rw,nosuid,nodev', 'what belongs to the file system is left out')

const mountWith = (options: string) => {
  const [entry] = parseMountInfo(`36 35 0:52 / /a ${options} - fuse.ceph-fuse ceph-fuse rw`)
  if (entry === undefined) throw new Error(options)
  return entry
}
t.strictSame(missingOptions(mountWith('ro,nosuid,nodev,relatime'), ['ro', 'nosuid', 'nodev']), [])
t.strictSame(missingOptions(mountWith('rw,nosuid'), ['ro', 'nosuid', 'nodev']), ['ro', 'nodev'])
t.strictSame(missingOptions(mountWith('rw'), ['exec']), [], 'the table never shows exec')
t.strictSame(missingOptions(mountWith('rw,noexec'), ['exec']), ['exec'])
