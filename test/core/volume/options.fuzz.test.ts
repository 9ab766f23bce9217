import fc from 'fast-check'
import t from 'tap'
import { fuseMonitors, kernelMonitors, parseMonitors } from '../../../src/core/ceph/monitors.js'
import { DEFAULT_NODE_CONFIG } from '../../../src/core/config/node-config.js'
import { parseNodeConfig } from '../../../src/core/config/node-config-schema.js'
import { CephflexError } from '../../../src/core/errors.js'
import { KERNEL_OPTIONS } from '../../../src/core/mount-options/kernel-option-table.js'
import { parseClientOptions } from '../../../src/core/mount-options/mount-options.js'
import { FUSE_OPTIONS, GENERIC_OPTIONS } from '../../../src/core/mount-options/option-table.js'
import { REFUSED_OPTIONS } from '../../../src/core/mount-options/refused-options.js'
import { parseTarget } from '../../../src/core/target/target.js'
import { OPTIONS } from '../../../src/core/volume/option-fields.js'
import { parseVolumeOptions } from '../../../src/core/volume/options.js'
import { optionsJson } from '../../support/volumes.js'

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string())
const onlyCephflexErrors = (action: () => void): void => {
  try {
    action()
  } catch (error) {
    if (!(error instanceof CephflexError)) throw error
  }
}
const holds = <T>(property: fc.IProperty<T>, rule: string): void => {
  const run = fc.check(property, { numRuns: 1000 })
  t.notOk(run.failed, rule, { counterexample: run.counterexample, seed: run.seed })
}

const key = fc.oneof(
  fc.constantFrom(...Object.keys(OPTIONS)),
  fc.constantFrom('kubernetes.io/readwrite', 'kubernetes.io/mounterArgs.FsGroup', 'kubernetes.io/secret/key'),
  text.map(name => `kubernetes.io/secret/${name}`),
  text,
)
holds(
  fc.property(fc.dictionary(key, text), fc.boolean(), (changes, isComplete) =>
    onlyCephflexErrors(() => {
      const json = isComplete ? optionsJson(changes) : JSON.stringify(changes)
      parseVolumeOptions(json, DEFAULT_NODE_CONFIG)
    }),
  ),
  'string options throw nothing but CephflexError',
)
holds(
  fc.property(fc.oneof(fc.json(), text), json =>
    onlyCephflexErrors(() => parseVolumeOptions(json, DEFAULT_NODE_CONFIG)),
  ),
  'nor does any text instead of options',
)
holds(
  fc.property(fc.oneof(fc.json(), text), json => onlyCephflexErrors(() => void parseNodeConfig(json))),
  'nor does any text as a configuration file',
)
holds(
  fc.property(text, path => onlyCephflexErrors(() => void parseTarget(`/${path}`))),
  'nor does any text as a target',
)

const ROWS = [...GENERIC_OPTIONS, ...FUSE_OPTIONS, ...KERNEL_OPTIONS]
const value = fc.oneof(text, fc.constantFrom('1', 'true', 'clean', '.snap', 'a:b:c', 'a:b', '-o', '--conf'))
const name = fc.oneof(fc.constantFrom(...ROWS.map(row => row.name), ...REFUSED_OPTIONS.keys()), text)
const element = fc
  .tuple(fc.constantFrom('', '', '-', '--', ' '), name, fc.option(value))
  .map(([before, word, behind]) => `${before}${word}${behind === null ? '' : `=${behind}`}`)
const list = fc.array(element, { maxLength: 4 }).map(elements => elements.join(','))
holds(
  fc.property(list, list, list, (mountOptions, fuseOptions, kernelOptions) => {
    const { options } = parseClientOptions({ mountOptions, fuseOptions, kernelOptions })
    const words = [...options.fuse, ...options.kernel]
    const isPlain = words.every(word => /^[a-z][a-z0-9_]*(?:=[\w.:|-]+)?$/.test(word))
    const areFlags = options.fuseFlags.every(flag => /^--(?:client|fuse)_[a-z_]+=[\w.-]+$/.test(flag))
    const known = new Set(ROWS.map(row => row.name))
    const names = [...words, ...options.fuseFlags].map(word => word.replace(/^--/, '').replace(/=.*$/, ''))
    return isPlain && areFlags && names.every(word => known.has(word) && !REFUSED_OPTIONS.has(word))
  }),
  'options that reach a client are plain, known and not refused',
)

const HOST = String.raw`(?:\w[\w.-]*|\[[0-9A-Fa-f:.]+\])`
const FUSE = new RegExp(String.raw`^(?:(?:v[12]:${HOST}:\d{1,5}|${HOST})(?:,(?!$)|$))+$`)
const KERNEL = new RegExp(String.raw`^(?:${HOST}:\d{1,5}(?:,(?!$)|$))+$`)
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV6().map(ip => `[${ip}]`),
  text,
)
const port = fc.oneof(
  fc.constantFrom('', ':3300', ':6789', ':6790', ':0', '/0'),
  fc.integer({ max: 70_000 }).map(n => `:${n}`),
)
const monitor = fc.tuple(
  fc.constantFrom('', 'v1:', 'v2:', 'any:', '['),
  host,
  port,
  fc.constantFrom('', '/0', ']'),
)
const monitors = fc
  .array(
    monitor.map(parts => parts.join('')),
    { maxLength: 4 },
  )
  .map(entries => entries.join(','))
const mode = fc.constantFrom(undefined, 'legacy', 'crc', 'secure', 'prefer-crc', 'prefer-secure' as const)
holds(
  fc.property(monitors, mode, (entries, msMode) => {
    const parsed = parseMonitors(entries).monitors
    if (parsed.length === 0) return
    if (!FUSE.test(fuseMonitors(parsed))) throw new Error(fuseMonitors(parsed))
    onlyCephflexErrors(() => {
      const { source } = kernelMonitors(parsed, msMode)
      if (!KERNEL.test(source)) throw new Error(source)
    })
  }),
  'accepted monitors are well-formed for both clients',
)
