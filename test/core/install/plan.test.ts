import t from 'tap'
import { installOptions } from '../../../src/core/install/options.js'
import { installPlaces, isTemporary, temporaryNames } from '../../../src/core/install/places.js'
import {
  type InstallFacts,
  planInstall,
  planUninstall,
  type UninstallFacts,
} from '../../../src/core/install/plan.js'

const options = installOptions({ root: '/host' }, '/opt/cephflex', 'node')
const places = installPlaces(options, '/plugins/', 'a test')

/** A node without the driver. */
const FRESH: InstallFacts = {
  pluginDir: 'directory',
  driverDir: 'missing',
  target: 'missing',
  isCurrent: false,
  place: { path: '/host/plugins', kind: 'directory', problem: undefined },
  leftovers: [],
  hasConfig: true,
  record: { found: undefined, wanted: undefined },
  kubeletRoot: undefined,
}
const steps = (changes: Partial<InstallFacts>) => planInstall({ ...FRESH, ...changes }, places)
const kinds = (changes: Partial<InstallFacts>) => steps(changes).map(step => step.do)

t.equal(places.target, '/host/plugins/cephflex~cephfs/cephfs')
t.equal(places.targetOnNode, '/plugins/cephflex~cephfs/cephfs')
t.throws(() => installPlaces(options, 'plugins', 'a test'), { code: 'EINSTALL', message: /not an absolute/ })
t.throws(() => installPlaces(options, '//', 'a test'), { code: 'EINSTALL', message: /cannot be \// })
t.strictSame(
  ['.cephfs.install-abcdef', '.cephfs.install-abcdefg', 'cephfs'].map(name =>
    isTemporary(name, temporaryNames(options).file),
  ),
  [true, false, false],
)

t.strictSame(kinds({}), ['place-directory'])
t.strictSame(kinds({ driverDir: 'directory', target: 'file' }), ['replace-driver'])
t.strictSame(kinds({ driverDir: 'directory', target: 'file', isCurrent: true }), ['none'])
t.strictSame(kinds({ pluginDir: 'missing', leftovers: ['/host/plugins/.x'], hasConfig: false }), [
  'make-directory',
  'remove-leftover',
  'place-directory',
  'write-config',
])
t.strictSame(kinds({ record: { found: 'a', wanted: 'a' } }), ['place-directory'])
t.match(steps({ record: { found: 'a', wanted: 'b' } })[1], {
  do: 'write-config',
  path: places.record,
  content: 'b',
})
t.match(steps({ record: { found: 'a', wanted: undefined } })[1], { do: 'remove-file', path: places.record })

const configOf = (kubeletRoot: string) => steps({ hasConfig: false, kubeletRoot }).at(-1)?.content
t.equal(configOf('/data/kubelet'), '{"kubeletRoots": ["/data/kubelet"]}\n')
t.equal(configOf('/a"b'), '{}\n', 'one that JSON would have to escape')

const refused = (changes: Partial<InstallFacts>, message: RegExp, hint: RegExp, code = 'EINSTALL') =>
  t.throws(() => steps(changes), { code, message, hint }, String(message))
refused({ driverDir: 'link' }, /symbolic link, which the kubelet ignores/, /remove it/)
refused({ target: 'directory' }, /cephfs is a directory/, /remove it/)
refused({ place: { ...FRESH.place, kind: 'file' } }, /is not a directory/, /--plugin-dir/)
const problem = (errno: string) => ({ place: { ...FRESH.place, problem: errno } })
refused(problem('EROFS'), /is read-only/, /--plugin-dir \/var\/lib\/kubelet\/volumeplugins$/)
refused(problem('EACCES'), /not writable by this user/, /as root/, 'ENOTROOT')
refused(problem('EIO'), /cannot write to \/host\/plugins: EIO/, /repair/)
t.throws(
  () =>
    planInstall(
      { ...FRESH, ...problem('EROFS') },
      installPlaces(options, '/var/lib/kubelet/volumeplugins', 'a test'),
    ),
  { message: /read-only/, hint: /--plugin-dir \/etc\/kubernetes\/volumeplugins$/ },
  'the hint does not suggest the read-only directory',
)

const INSTALLED: UninstallFacts = {
  pluginDir: 'directory',
  driverDir: 'directory',
  target: 'file',
  leftovers: [],
  mounts: [],
  hasRecord: false,
  kept: ['/host/etc/cephflex'],
}
const removal = (changes: Partial<UninstallFacts>, flags: { force?: boolean; purge?: boolean } = {}) =>
  planUninstall({ ...INSTALLED, ...changes }, places, { force: false, purge: false, ...flags }).map(
    step => step.do,
  )
t.strictSame(removal({}), ['remove-file', 'remove-directory'])
t.strictSame(removal({ hasRecord: true }), ['remove-file', 'remove-directory', 'remove-file'])
t.strictSame(removal({}, { purge: true }).slice(2), ['empty', 'remove-directory'])
t.strictSame(
  removal({ target: 'missing', driverDir: 'missing', mounts: ['/m'] }),
  ['none'],
  'no driver to remove',
)
t.strictSame(removal({ pluginDir: 'missing' }), [])
t.strictSame(removal({ mounts: ['/m'] }, { force: true }), ['remove-file', 'remove-directory'])
t.throws(
  () => removal({ mounts: Array.from({ length: 12 }, (_, i) => `/m${i}`) }),
  { code: 'EINSTALL', message: /:\n {2}\/m0\n[\s\S]*\/m9$/, hint: /--force/ },
  'the message lists the first ten',
)
