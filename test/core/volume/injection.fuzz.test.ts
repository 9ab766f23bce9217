// Whatever options of a volume are accepted: the clients are started with the intended arguments, and no others.
import fc from 'fast-check'
import t from 'tap'
import { DEFAULT_NODE_CONFIG, type NodeConfig } from '../../../src/core/config/node-config.js'
import { CephflexError } from '../../../src/core/errors.js'
import { mounters } from '../../../src/core/mounters/index.js'
import type { MountContext } from '../../../src/core/mounters/mounter.js'
import { parseTarget } from '../../../src/core/target/target.js'
import { isBelow, normalPath } from '../../../src/core/text/paths.js'
import { OPTIONS } from '../../../src/core/volume/option-fields.js'
import { parseVolumeOptions } from '../../../src/core/volume/options.js'
import type { VolumeOptions } from '../../../src/core/volume/volume.js'
import { recordFigure } from '../../records/record-figures.js'
import { KEY, optionsJson } from '../../support/volumes.js'

const TARGET = '/pods/a/volumes/v~d/n'
const RUNS = 4_000
const CONFIG: NodeConfig = { ...DEFAULT_NODE_CONFIG, secretDirectories: ['/etc/ceph/keys'] }
let tried = 0

/** Pieces that an attacker would use, combined with arbitrary text. */
const EVIL = [
  ...['--conf=/tmp/x', '-o', ',suid', ',dev', ',exec', '=', ' ', '\n', '\r', '\0', '\u2028', '\u0085', '\t'],
  ...[
    ';id',
    '|id',
    '&',
    '$(id)',
    '`id`',
    "'",
    '"',
    '\\',
    '\\054',
    '#',
    '%',
    '*',
    '../',
    '/../..',
    '/..',
    '//',
    '.',
  ],
  ...[
    'secretfile=/etc/shadow',
    '--keyring=/etc/shadow',
    '--admin-socket=/etc/x',
    'setuser',
    '--',
    '-',
    '@',
    ':',
    '[',
    ']',
  ],
]
const LIKELY = [
  '/',
  '/a',
  'admin',
  'client.x',
  'fs',
  '10.0.0.1',
  ':6789',
  'v2:',
  'fuse',
  'kernel',
  'ro',
  'noatime',
  '60',
  'root',
]
const nasty = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...LIKELY) },
      { weight: 3, arbitrary: fc.constantFrom(...EVIL) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
    ),
    { maxLength: 5 },
  )
  .map(parts => parts.join(''))
const options = fc.dictionary(fc.constantFrom(...Object.keys(OPTIONS)), nasty, { maxKeys: 4 })

const accepted = (changes: Record<string, string>): VolumeOptions | undefined => {
  tried += 1
  const hasFile = 'secretFile' in changes
  try {
    const json = optionsJson({ ...changes, ...(hasFile ? { 'kubernetes.io/secret/key': undefined } : {}) })
    return parseVolumeOptions(json, CONFIG)
  } catch (error) {
    if (error instanceof CephflexError) return undefined
    throw error
  }
}

const contextOf = (volume: VolumeOptions, hasHelper: boolean): MountContext => ({
  target: TARGET,
  volume,
  monitors: volume.monitors,
  credentialFile: '/run/cephflex/keyrings/1.2.3',
  giveUpS: 10,
  adminSocket: '/run/cephflex/clients/a.asok',
  logFile: '/var/log/cephflex/a.log',
  release: 16,
  hasHelper,
})

const argvOf = (name: 'fuse' | 'kernel', volume: VolumeOptions, hasHelper = true): string[] => {
  try {
    return mounters[name].argv(contextOf(volume, hasHelper))
  } catch (error) {
    if (error instanceof CephflexError) return [] // monitors that this client cannot use
    throw error
  }
}

const holds = <T>(property: fc.IProperty<T>, rule: string): void => {
  const run = fc.check(property, { numRuns: RUNS })
  t.notOk(run.failed, rule, { counterexample: run.counterexample, seed: run.seed, error: run.errorInstance })
}

/** What is allowed as a value. */
const VALUE = /^[\w./:,[\]=@|-]+$/
const FLAG = /^--[a-z_-]+=[\w./:-]+$/
const KEYED = new Set(['--id', '-k', '-m', '-o', '-r'])

/** The arguments of ceph-fuse as pairs of flag and value; a word that is neither is a pair of its own. */
const pairs = (argv: readonly string[]): [string, string?][] => {
  const [word, value, ...rest] = argv
  if (word === undefined) return []
  return KEYED.has(word) ? [[word, value ?? ''], ...pairs(rest)] : [[word], ...pairs(argv.slice(1))]
}

const isMeant = ([word, value]: [string, string?], { path, user }: VolumeOptions): boolean => {
  if (value === undefined) return word === TARGET || FLAG.test(word)
  if (word === '--id') return value === user && /^[!-,.-~](?:[ -~]*[!-~])?$/.test(value)
  return word === '-r' ? value === path : VALUE.test(value) && !value.startsWith('-')
}

const checkFuse = (argv: readonly string[], volume: VolumeOptions): boolean => {
  const once = ['--id', '-k', '-m', '-r', TARGET]
  return (
    pairs(argv).every(pair => isMeant(pair, volume)) &&
    once.every(key => pairs(argv).filter(([word]) => word === key).length === 1)
  )
}

const FORBIDDEN = /(?:^|,)(?:suid|dev|exec_hook|secret|conf|keyring)(?:=|,|$)/

holds(
  fc.property(options, changes => {
    const volume = accepted(changes)
    return volume === undefined || volume.mounter === 'kernel' || checkFuse(argvOf('fuse', volume), volume)
  }),
  'ceph-fuse gets no unintended argument',
)

holds(
  fc.property(options, changes => {
    const volume = accepted(changes)
    if (volume === undefined) return true
    const argv = argvOf('kernel', volume)
    if (argv.length === 0) return true
    const [t1, type, source = '', target, o, list = '', ...rest] = argv
    const isShaped = t1 === '-t' && type === 'ceph' && o === '-o' && target === TARGET
    const parts = list.split(',')
    const arePlain = parts.every(
      part => /^[a-z][a-z0-9_]*(?:=[\w./:|-]+)?$/.test(part) || /^name=[^"\\]+$/.test(part),
    )
    const isGuarded = parts.includes('nosuid') && parts.includes('nodev') && !FORBIDDEN.test(list)
    const isSource = !source.startsWith('-') && source.endsWith(`:${volume.path}`)
    return isShaped && rest.length === 0 && arePlain && isGuarded && isSource
  }),
  'mount(8) gets no unintended argument or option',
)

holds(
  fc.property(options, changes => {
    const volume = accepted(changes)
    if (volume === undefined || argvOf('kernel', volume).length === 0) return true
    const { credential } = volume
    const key = credential.from === 'secret' ? credential.key : undefined
    if (key === undefined) return true
    const line = mounters.kernel.credential(contextOf(volume, false), key).reveal()
    const keyring = mounters.fuse.credential(contextOf(volume, false), key).reveal()
    return (
      line.split('\n').length === 2 &&
      line.trimEnd().split(/[ \t]/).length === 6 &&
      keyring.replace(/\\(.)/g, '$1') === `[client.${volume.user}]\n\tkey = ${KEY}\n` &&
      !/(?<!\\)(?:\\\\)*[\][#;]/.test(keyring.slice(1, keyring.indexOf(']\n')))
    )
  }),
  'a credential file has no unintended line or field',
)

holds(
  fc.property(options, changes => {
    const volume = accepted(changes)
    if (volume === undefined) return true
    const { path, credential } = volume
    const isInside = path === normalPath(path) && path.startsWith('/') && !path.split('/').includes('..')
    const isAllowed = credential.from === 'secret' || isBelow(credential.path, '/etc/ceph/keys')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for them
    return isInside && isAllowed && !/[\u0000-\u001f\u007f-\u009f]/.test(path)
  }),
  'a path stays in the file system, and a secretFile in its directories',
)

holds(
  fc.property(nasty, text => {
    tried += 1
    try {
      const target = parseTarget(`/pods/${text}`)
      return /^\/[\w./~:@%+=,-]+$/.test(target) && !target.split('/').includes('..')
    } catch (error) {
      return error instanceof CephflexError
    }
  }),
  'a target contains nothing that a shell would interpret',
)
t.ok(tried >= 5 * RUNS, `${tried} bad inputs tried`)
recordFigure(t, 'inputs', 'options and targets made to do harm', tried)
