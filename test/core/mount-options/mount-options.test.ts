import t from 'tap'
import { KERNEL_OPTIONS } from '../../../src/core/mount-options/kernel-option-table.js'
import { parseClientOptions } from '../../../src/core/mount-options/mount-options.js'
import {
  FUSE_OPTIONS,
  GENERIC_OPTIONS,
  type OptionRow,
} from '../../../src/core/mount-options/option-table.js'
import { REFUSED_OPTIONS } from '../../../src/core/mount-options/refused-options.js'
import { KEY } from '../../support/volumes.js'

type Lists = Parameters<typeof parseClientOptions>[0]
const LISTS = ['mountOptions', 'fuseOptions', 'kernelOptions'] as const
type ListName = (typeof LISTS)[number]
const TABLES = {
  mountOptions: GENERIC_OPTIONS,
  fuseOptions: FUSE_OPTIONS,
  kernelOptions: KERNEL_OPTIONS,
} as const

const parse = (lists: Partial<Lists>) =>
  parseClientOptions({ mountOptions: '', fuseOptions: '', kernelOptions: '', ...lists })
const problems = (lists: Partial<Lists>): string[] => parse(lists).problems

const LABEL = 'system_u:object_r:container_file_t:s0'
for (const name of ['context', 'fscontext', 'defcontext', 'rootcontext']) {
  const { options } = parse({ mountOptions: `${name}="${LABEL}:c1,c2", noatime` })
  t.strictSame(options.kernel, [`${name}="${LABEL}:c1,c2"`, 'noatime'], `${name} with a comma, for mount(8)`)
  t.strictSame(options.fuse, [`${name}="${LABEL}:c1\\,c2"`, 'noatime'], `${name} with a comma, for libfuse`)
  for (const label of [LABEL, `"${LABEL}"`])
    t.strictSame(
      parse({ kernelOptions: `${name}=${label}` }).options.kernel,
      [`${name}=${LABEL}`],
      `${name}=${label}`,
    )
  t.match(
    problems({ mountOptions: `${name}=${LABEL}:c1,c2` }),
    ['"c2": an SELinux label with a comma'],
    'no quotes',
  )
}

const NONE = { fuse: [], fuseFlags: [], kernel: [] }
t.strictSame(parse({}), { options: NONE, readOnly: false, problems: [] }, 'no options: nothing is passed on')
t.strictSame(
  parse({
    mountOptions: 'noatime, noexec ,,relatime',
    fuseOptions: 'max_read=4096',
    kernelOptions: ' rasize = 8',
  }),
  {
    options: {
      fuse: ['noatime', 'noexec', 'max_read=4096'],
      fuseFlags: [],
      kernel: ['noatime', 'noexec', 'relatime', 'rasize=8'],
    },
    readOnly: false,
    problems: [],
  },
  'mountOptions go to each client that supports them; blanks do not matter',
)
t.strictSame(parse({ mountOptions: 'ro' }).options, NONE, 'ro is not passed as an option of a client')
for (const list of LISTS) {
  t.equal(parse({ [list]: 'noatime,ro' }).readOnly, true, `ro in ${list} makes the volume read-only`)
  t.equal(parse({ [list]: 'ro,rw' }).readOnly, true, `rw in ${list} does not undo ro`)
  t.equal(parse({ [list]: 'rw' }).readOnly, false, `rw in ${list} is the default`)
  const dropped = parse({ [list]: '_netdev,nofail,defaults,noauto,auto,nonempty' })
  t.strictSame([dropped.options, dropped.problems], [NONE, []], `options for fstab in ${list} are dropped`)
}
t.strictSame(
  parse({ fuseOptions: 'big_writes,allow_other' }).options,
  NONE,
  'options that only repeat the default are dropped',
)
t.strictSame(
  parse({ mountOptions: 'noatime', kernelOptions: 'noatime,rasize=1,rasize=2' }).options.kernel,
  ['noatime', 'rasize=2'],
  'a repeated option is passed once, with its last value',
)
t.strictSame(
  parse({ fuseOptions: 'client_oc=false,client-quota=true,client_oc=true' }).options,
  { fuse: [], fuseFlags: ['--client_oc=true', '--client_quota=true'], kernel: [] },
  'options of the ceph client become whole flags; "-" in a name is "_"',
)

/** A valid value for each grammar. */
const GOOD = [
  '4096',
  'true',
  '.snap',
  'posix_acl',
  'clean',
  'localize',
  'rack:r1|host:h-2',
  '2c1d3b6a-0e9f-4f7e-8a5b-1f2e3d4c5b6a',
  'system_u:object_r:container_file_t:s0:c1.c5',
]
const BAD = ['', ' ', 'a b', '-1', '1k/', 'x y', '../x', 'a/b', '$(x)', 'a=b', KEY]

const written = (row: OptionRow): string => {
  const value = GOOD.find(text => row.value?.pattern.test(text))
  return row.value === undefined ? row.name : `${row.name}=${value}`
}

const soleProblem = (list: ListName, text: string): string => {
  const found = problems({ [list]: text })
  t.equal(found.length, 1, `${text} is one problem`)
  t.notMatch(found[0] ?? '', KEY, 'a value is never quoted')
  return found[0] ?? ''
}

const testAccepted = (list: ListName, row: OptionRow): void => {
  const text = written(row)
  const { options, problems } = parse({ [list]: text })
  const fuse = row.clients.includes('fuse')
  t.strictSame(problems, [], `${list} accepts ${text}`)
  t.strictSame(options.fuse, fuse && !row.flag ? [text] : [], `${text} after -o of ceph-fuse`)
  t.strictSame(options.fuseFlags, fuse && row.flag ? [`--${text}`] : [], `${text} as a flag of ceph-fuse`)
  t.strictSame(options.kernel, row.clients.includes('kernel') ? [text] : [], `${text} for the kernel`)
}

const testWrongValues = (list: ListName, { name, value }: OptionRow): void => {
  for (const text of value === undefined ? ['1', ''] : BAD) {
    t.match(soleProblem(list, `${name}=${text}`), `${list} must set "${name}"`, `${name}=${text}`)
  }
  if (value !== undefined) t.match(soleProblem(list, name), value.form, `${name} needs a value`)
}

for (const list of LISTS) {
  for (const row of TABLES[list]) {
    testAccepted(list, row)
    testWrongValues(list, row)
    t.ok(row.means, `${row.name} has a meaning`)
  }
}

t.test('every refused option', async t => {
  for (const [name, reason] of REFUSED_OPTIONS) {
    for (const list of LISTS) {
      for (const text of [name, name.replaceAll('_', '-'), `${name}=${KEY}`]) {
        const problem = soleProblem(list, text)
        t.match(problem, reason, `${list} refuses ${name} with a reason`)
      }
      t.notOk(
        TABLES[list].some(row => row.name === name),
        `${name} is in no table`,
      )
    }
  }
})

const REFUSED: [lists: Partial<Lists>, problem: string | RegExp, rule: string][] = [
  [{ fuseOptions: '--client_quota=true' }, /starts with "-": "--client_quota"$/, 'dashes'],
  [{ kernelOptions: '-o' }, 'starts with "-"', 'a dash'],
  [{ mountOptions: 'noatime\n' }, 'mountOptions must not contain a control character', 'a newline'],
  [{ kernelOptions: 'rasize=1\0' }, 'control character', 'a NUL'],
  [{ kernelOptions: 'raszie=1' }, 'contains the unknown option "raszie": did you mean "rasize"?', 'a typo'],
  [{ fuseOptions: 'client_qouta=true' }, 'did you mean "client_quota"?', 'a typo in a flag'],
  [{ mountOptions: 'frobnicate' }, /contains the unknown option "frobnicate"$/, 'nothing close'],
  [{ mountOptions: 'rasize=1' }, 'must not contain "rasize": it belongs in kernelOptions', 'the wrong list'],
  [{ kernelOptions: 'client_oc=true' }, 'belongs in fuseOptions', 'the wrong client'],
  [{ fuseOptions: 'relatime' }, 'belongs in mountOptions', 'libfuse does not know it'],
  [{ mountOptions: KEY }, /contains the unknown option "<masked>"$/, 'a key in the wrong place'],
  [{ mountOptions: '=x' }, 'contains the unknown option ""', 'no name'],
  [{ mountOptions: '__proto__' }, 'contains the unknown option "__proto__"', 'a property name of JavaScript'],
  [
    { kernelOptions: 'context="a:b' },
    'must set "context" to an SELinux label, in double quotes',
    'one quote',
  ],
  [{ mountOptions: 'context="a:b:c:s0",suid' }, 'must not contain "suid"', 'an option after a quoted one'],
  [
    { mountOptions: 'context="a:b:c,suid"x' },
    'must set "context" to an SELinux label',
    'text after the quote',
  ],
  [{ mountOptions: 'context="a:b:c"d",suid' }, 'must set "context" to an SELinux label', 'three quotes'],
  [{ mountOptions: 'noatime="x"' }, 'must set "noatime" without a value', 'quotes elsewhere'],
  [{ kernelOptions: 'rasize=1k' }, /must set "rasize" to a number$/, 'a unit'],
  [{ kernelOptions: 'NOATIME' }, 'did you mean "noatime"?', 'capitals'],
]
t.test('other refusals', async t => {
  for (const [lists, problem, rule] of REFUSED) t.match(problems(lists)[0], problem, rule)
  t.equal(
    problems({ mountOptions: 'a1b2,suid', kernelOptions: 'zzzzz' }).length,
    3,
    'every problem is reported',
  )
})

for (const list of LISTS) {
  const names = TABLES[list].map(row => row.name)
  t.equal(new Set(names).size, names.length, `no row of the table for ${list} is duplicated`)
}

t.test('what gives programs or devices of a volume rights is refused in every list and form', async t => {
  for (const list of LISTS)
    for (const word of [
      'suid',
      'dev',
      ' suid ',
      'noatime,suid',
      'suid,nosuid',
      'nodev,dev',
      'noatime,,dev',
    ]) {
      const { options, problems: found } = parse({ [list]: word })
      t.match(
        found.join('; '),
        new RegExp(`${list} must not contain "(suid|dev)".*root privileges`),
        `${list}: ${word}`,
      )
      for (const name of ['suid', 'dev'])
        t.notOk([...options.fuse, ...options.kernel].includes(name), 'and not passed on')
    }
})
