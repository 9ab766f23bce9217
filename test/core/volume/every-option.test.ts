import t from 'tap'
import { DEFAULT_NODE_CONFIG, type NodeConfig } from '../../../src/core/config/node-config.js'
import { OPTION_DOCS } from '../../../src/core/volume/option-docs.js'
import { OPTIONS } from '../../../src/core/volume/option-fields.js'
import { parseVolumeOptions } from '../../../src/core/volume/options.js'
import { optionsJson } from '../../support/volumes.js'

const CONFIG: NodeConfig = {
  ...DEFAULT_NODE_CONFIG,
  clusters: { main: { monitors: 'a' } },
  secretDirectories: ['/keys'],
}

/** For each option, a change that must affect the result. */
const CHANGES: Record<keyof typeof OPTIONS, Record<string, string | undefined>> = {
  monitors: { monitors: '10.0.0.2' },
  cluster: { cluster: 'main', monitors: undefined },
  path: { path: '/a' },
  user: { user: 'web' },
  id: { id: 'web' },
  fsName: { fsName: 'data' },
  mounter: { mounter: 'kernel' },
  clientSharing: { clientSharing: 'node' },
  mountOptions: { mountOptions: 'noatime' },
  fuseOptions: { fuseOptions: 'max_read=4096' },
  kernelOptions: { kernelOptions: 'rasize=4096' },
  msMode: { msMode: 'crc' },
  secretFile: { secretFile: '/keys/web', 'kubernetes.io/secret/key': undefined },
  timeoutSeconds: { timeoutSeconds: '50' },
  fsGroupPolicy: { fsGroupPolicy: 'root' },
}

const parse = (changes: Record<string, string | undefined> = {}) =>
  parseVolumeOptions(optionsJson(changes), CONFIG)

const names = OPTION_DOCS.map(({ name }) => name)
t.strictSame(names, Object.keys(OPTIONS), 'the documented options are those that are parsed')
t.strictSame(Object.keys(CHANGES), names, 'and those that are tested here')
for (const { name, means } of OPTION_DOCS) {
  t.match(means, /^\S.*[^.]$/, `${name} has a meaning, without full stop`)
  t.notSame(parse(CHANGES[name as keyof typeof CHANGES]), parse(), `${name} makes a difference`)
}
for (const { name, default: text } of OPTION_DOCS.filter(row => /^`[^`]*`$/.test(row.default))) {
  t.strictSame(parse({ [name]: text.slice(1, -1) }), parse(), `the default of ${name} is ${text}`)
}
