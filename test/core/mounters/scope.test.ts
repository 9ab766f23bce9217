import t from 'tap'
import { inScope, SCOPE_PROBE } from '../../../src/core/mounters/scope.js'

const { program, argv } = inScope('ceph-fuse', ['--id', 'a', '/t', '-r', '/'])
t.equal(program, 'systemd-run', 'systemd makes the scope')
t.ok(argv.indexOf('--scope') < argv.indexOf('--'), 'a scope, not a service: the program stays our child')
t.strictSame(
  argv.slice(argv.indexOf('--')),
  ['--', 'ceph-fuse', '--id', 'a', '/t', '-r', '/'],
  'behind -- the command is unchanged, so that systemd-run takes none of its options',
)
t.ok(argv.includes('--quiet'), 'nothing is added to what ceph-fuse says')
t.strictSame(SCOPE_PROBE, inScope('true', []), 'the test of scopes is one more scope')
