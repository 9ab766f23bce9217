import t from 'tap'
import { inScope, SCOPE_PROBE } from '../../../src/core/mounters/scope.js'

const { program, argv } = inScope('ceph-fuse', ['--id', 'a', '/t', '-r', '/'])
t.equal(program, 'systemd-run', 'systemd creates the scope')
t.ok(
  argv.indexOf('--scope') < argv.indexOf('--'),
  'a scope, not a service: the program stays a child of this process',
)
t.strictSame(
  argv.slice(argv.indexOf('--')),
  ['--', 'ceph-fuse', '--id', 'a', '/t', '-r', '/'],
  'after --, the command is unchanged, so systemd-run parses none of its options',
)
t.ok(argv.includes('--quiet'), 'nothing is added to the output of ceph-fuse')
t.strictSame(SCOPE_PROBE, inScope('true', []), 'the probe for scopes starts one')
