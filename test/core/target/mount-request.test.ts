import t from 'tap'
import { DEFAULT_NODE_CONFIG } from '../../../src/core/config/node-config.js'
import { parseMountRequest } from '../../../src/core/target/mount-request.js'
import { optionsJson, volume } from '../../support/volumes.js'

const parse = (...args: string[]) => parseMountRequest(args, DEFAULT_NODE_CONFIG)

t.strictSame(
  parse('/a/', optionsJson()),
  { target: '/a', makeTarget: false, volume: volume() },
  'mount DIR JSON: the kubelet has created DIR',
)
t.match(parse('/a', '/dev/x', optionsJson()), { target: '/a', makeTarget: true }, '1.5: DIR must be created')
for (const args of [[], ['/a'], ['/a', 'b', optionsJson(), 'd']]) {
  t.throws(
    () => parse(...args),
    { code: 'EBADREQUEST', message: `not ${args.length}` },
    `${args.length} arguments`,
  )
}
t.throws(
  () => parse('a', optionsJson()),
  { code: 'EBADREQUEST', message: 'absolute' },
  'the target is checked',
)
t.throws(() => parse('/a', '{}'), { code: 'EBADOPTIONS' }, 'the options are checked')
