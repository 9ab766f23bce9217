import fc from 'fast-check'
import { type Era, parseMdsCaps } from '../../src/core/provision/caps/mds-grammar.js'
import { parseMonCaps } from '../../src/core/provision/caps/mon-grammar.js'
import { parseOsdCaps } from '../../src/core/provision/caps/osd-grammar.js'

const NETWORKS = [' network 10.0.0.0/8', ' network bad', ' network fe80::/10', ' network']

/** What grants of each service are made of, in an order that daemons accept. */
const WORDS = {
  mds: [
    ['allow ', 'allow ', 'allow ', 'allow  ', 'allow\t', 'allow', 'ALLOW '],
    ['r', 'rw', 'rwp', 'rws', 'rwf', 'rwps', 'rwfps', 'rwfp', 'rwpf', 'w', 'x', '*', 'all', 'RW'],
    [' fsname=cephfs', ' fsname=a-b.c', ' fsname="a"', ' fsname=*'],
    [
      ' path=/a',
      ' path=/a-b',
      ' path="/a b"',
      " path='/x'",
      ' path=""',
      ' path=/a b',
      ' path = /a',
      ' path=/ä',
      ' path=',
    ],
    [' root_squash', ' root_squash=1'],
    [' uid=5', ' uid=0 gids=1,2', ' uid=4294967295', ' uid=x', ' uid=-1'],
    [' gids=3', ' gids=0,'],
    NETWORKS,
  ],
  osd: [
    [
      'allow',
      'allow',
      'allow',
      'allow',
      'allow ',
      'ALLOW',
      'profile rbd',
      'profile=rbd',
      'profile "x y"',
      'allow profile rbd',
    ],
    [' r', ' rw', ' rwx', ' w', ' x', ' wr', ' *', ' all', ' RW', 'rw', ' class rbd', ' class rbd get'],
    [' class-read', ' class-write', ' class-read class-write', ' class-write class-read'],
    [' pool=data', ' pool data', ' pool="da ta"', ' pool=', ' pool=*', ' pool = data', ' pool:data'],
    [
      ' namespace=ns',
      ' namespace=""',
      ' namespace=n*',
      ' namespace ""*',
      ' namespace=*',
      ' namespace="x*"',
      ' namespace=',
    ],
    [
      ' tag cephfs data=cephfs',
      ' tag cephfs *=*',
      ' tag rbd x = all',
      ' tag cephfs data=allfs',
      ' tag cephfs',
      ' tag a b="c d"',
    ],
    [' object_prefix rb', ' object_prefix "r b"', ' object_prefix=rb', ' auid 5', ' rw'],
    NETWORKS,
  ],
  mon: [
    ['allow', 'allow', 'allow', '  allow', 'ALLOW', ''],
    [
      ' r',
      ' rw',
      ' rwx',
      ' w',
      ' wr',
      ' *',
      ' all',
      'r',
      ' profile fs-client',
      ' profile=rbd',
      'profile "osd"',
      'profile mds',
    ],
    [' service mon r', ' service=mon rwx', ' service mon', ' service "x y" *', ' service mds all'],
    [' command "osd blacklist"', ' command x with a=b', ' command x with a prefix b', ' command='],
    [' command x with a regex "b.*" c=d', ' command x with', ' command=x'],
    NETWORKS,
    [' fsname=cephfs', ' fsname second', ' fsname="a"', ' fsname=a', ' pool=x'],
  ],
} as const

export type Service = keyof typeof WORDS
export const SERVICES = ['mds', 'osd', 'mon'] as const

/** Texts that are caps of a service, or almost: about a third can be parsed. */
export function almostCaps(service: Service): fc.Arbitrary<string> {
  const groups = WORDS[service].map(words => fc.constantFrom<string>(...words))
  const [start, rights, ...others] = groups as [fc.Arbitrary<string>, ...fc.Arbitrary<string>[]]
  const ordered = fc
    .tuple(
      start,
      rights as fc.Arbitrary<string>,
      ...others.map(word => fc.option(word, { nil: '', freq: 1 })),
    )
    .map(words => words.join(''))
  const shuffled = fc
    .array(fc.oneof(...groups, fc.constantFrom(' ', '=', '"', "'", ';')), { minLength: 1, maxLength: 5 })
    .map(words => words.join(''))
  const short = fc.tuple(start, rights as fc.Arbitrary<string>).map(words => words.join(''))
  const one = fc
    .tuple(start, rights as fc.Arbitrary<string>, fc.oneof(...others))
    .map(words => words.join(''))
  const grant = fc.oneof(
    { weight: 3, arbitrary: short },
    { weight: 5, arbitrary: one },
    { weight: 2, arbitrary: ordered },
    { weight: 1, arbitrary: shuffled },
  )
  return fc
    .tuple(fc.array(grant, { minLength: 1, maxLength: 2 }), fc.constantFrom(',', ', ', ';', ' , ', '\n,', ''))
    .map(([grants, separator]) => grants.join(separator))
}

/** Whether the daemons of a release can parse caps. */
export function isParsed(service: Service, text: string, era: Era): boolean {
  const reading = {
    mds: () => parseMdsCaps(text, era),
    osd: () => parseOsdCaps(text),
    mon: () => parseMonCaps(text, era !== '14.2'),
  }[service]()
  return 'grants' in reading
}
