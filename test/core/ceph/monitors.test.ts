import t from 'tap'
import {
  fuseMonitors,
  kernelMonitors,
  type Monitor,
  type MsMode,
  parseMonitors,
} from '../../../src/core/ceph/monitors.js'

const FORMS: [text: string, monitors: Monitor[], rule: string][] = [
  ['mon1', [{ host: 'mon1' }], 'a name'],
  ['Mon-1.example.com', [{ host: 'Mon-1.example.com' }], 'a long name'],
  ['mon1:3300', [{ host: 'mon1', port: 3300 }], 'a name and port'],
  ['10.0.0.1', [{ host: '10.0.0.1' }], 'IPv4'],
  ['10.0.0.1:1', [{ host: '10.0.0.1', port: 1 }], 'IPv4 and the lowest port'],
  ['10.0.0.1:65535/0', [{ host: '10.0.0.1', port: 65535 }], 'a nonce is dropped'],
  ['[::1]', [{ host: '::1' }], 'IPv6 in brackets'],
  ['[::1]:6789', [{ host: '::1', port: 6789 }], 'IPv6 in brackets and port'],
  ['fd00::1', [{ host: 'fd00::1' }], 'bare IPv6'],
  ['::ffff:10.0.0.1', [{ host: '10.0.0.1' }], 'IPv4 as IPv6'],
  ['[::ffff:10.0.0.1]:6789', [{ host: '10.0.0.1', port: 6789 }], 'IPv4 as IPv6, and port'],
  ['v2:[::FFFF:A00:1]:3300/0', [{ protocol: 'v2', host: '10.0.0.1', port: 3300 }], 'the same in hexadecimal'],
  ['[0:0:0:0:0:ffff:ac10:fe01]', [{ host: '172.16.254.1' }], 'the same in full'],
  ['64:ff9b::10.0.0.1', [{ host: '64:ff9b::10.0.0.1' }], 'IPv6 that only ends in IPv4'],
  ['[10.0.0.1]:6789', [{ host: '10.0.0.1', port: 6789 }], 'IPv4 in brackets, and port'],
  ['[10.0.0.1]', [{ host: '10.0.0.1' }], 'IPv4 in brackets'],
  ['v1:[10.0.0.1]', [{ protocol: 'v1', host: '10.0.0.1' }], 'a protocol, and IPv4 in brackets'],
  ['FD00::A', [{ host: 'FD00::A' }], 'IPv6 in upper case'],
  ['V2:MON.example', [{ protocol: 'v2', host: 'MON.example' }], 'a protocol in upper case'],
  ['any:10.0.0.1:6789', [{ host: '10.0.0.1', port: 6789 }], 'any protocol'],
  ['[any:10.0.0.1]', [{ host: '10.0.0.1' }], 'any protocol, in a group'],
  ['mon.example.com.', [{ host: 'mon.example.com.' }], 'a name with a dot at its end'],
  ['mon.example.com.:3300', [{ host: 'mon.example.com.', port: 3300 }], 'the same, and port'],
  ['mon_1', [{ host: 'mon_1' }], 'an underscore'],
  ['_mon.a_b.example', [{ host: '_mon.a_b.example' }], 'underscores'],
  ['mon.7:6789', [{ host: 'mon.7', port: 6789 }], 'a name that ends in a number'],
  ['1a', [{ host: '1a' }], 'a name that begins with a digit'],
  [
    '10-0-0-1.default.pod.cluster.local',
    [{ host: '10-0-0-1.default.pod.cluster.local' }],
    'the name of a pod',
  ],
  [
    'a=10.0.0.1:6789,b=10.0.0.2:6789,mon-c.x_1=[fd00::3]:3300',
    [
      { host: '10.0.0.1', port: 6789 },
      { host: '10.0.0.2', port: 6789 },
      { host: 'fd00::3', port: 3300 },
    ],
    'with the name of each monitor, as in the ConfigMap of Rook',
  ],
  [
    'a=[v2:10.0.0.1:3300,v1:10.0.0.1:6789]',
    [
      { protocol: 'v2', host: '10.0.0.1', port: 3300 },
      { protocol: 'v1', host: '10.0.0.1', port: 6789 },
    ],
    'a group with a name',
  ],
  [
    'mon_host = [v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0] 10.0.0.2',
    [
      { protocol: 'v2', host: '10.0.0.1', port: 3300 },
      { protocol: 'v1', host: '10.0.0.1', port: 6789 },
      { host: '10.0.0.2' },
    ],
    'a line of a ceph.conf',
  ],
  [
    ' ["10.0.0.1:6789", "v2:10.0.0.2:3300",\n"[v2:a,v1:a]"]\n',
    [
      { host: '10.0.0.1', port: 6789 },
      { protocol: 'v2', host: '10.0.0.2', port: 3300 },
      { protocol: 'v2', host: 'a' },
      { protocol: 'v1', host: 'a' },
    ],
    'a list in JSON, as in the ConfigMap of ceph-csi',
  ],
  [
    '[10.0.0.1:3300,10.0.0.1:6789] [[::1]:6789]',
    [
      { host: '10.0.0.1', port: 3300 },
      { host: '10.0.0.1', port: 6789 },
      { host: '::1', port: 6789 },
    ],
    'groups without protocols',
  ],
  ['v1:10.0.0.1', [{ protocol: 'v1', host: '10.0.0.1' }], 'a protocol'],
  ['v2:10.0.0.1:3300', [{ protocol: 'v2', host: '10.0.0.1', port: 3300 }], 'a protocol and port'],
  ['v2:[fd00::1]:3300/0', [{ protocol: 'v2', host: 'fd00::1', port: 3300 }], 'a protocol before IPv6'],
  ['v2:fd00::1', [{ protocol: 'v2', host: 'fd00::1' }], 'a protocol before bare IPv6'],
  ['v1.example.com', [{ host: 'v1.example.com' }], 'a name may look like a protocol'],
  ['a,b;c d,; \n e', ['a', 'b', 'c', 'd', 'e'].map(host => ({ host })), 'any separator, any number of them'],
  [
    '[v2:1.2.3.4:3300,v1:1.2.3.4:6789]',
    [
      { protocol: 'v2', host: '1.2.3.4', port: 3300 },
      { protocol: 'v1', host: '1.2.3.4', port: 6789 },
    ],
    'a group',
  ],
  [
    '[v2:[::1]:3300/0,v1:[::1]:6789/0],mon2',
    [
      { protocol: 'v2', host: '::1', port: 3300 },
      { protocol: 'v1', host: '::1', port: 6789 },
      { host: 'mon2' },
    ],
    'a group with IPv6, and one more',
  ],
]

t.test('forms that are accepted', async t => {
  for (const [text, monitors, rule] of FORMS)
    t.strictSame(parseMonitors(text), { monitors, problems: [] }, rule)
})

const REFUSED: [text: string, problem: RegExp, rule: string][] = [
  ['', /^contains no monitor$/, 'nothing'],
  [' ,; ', /^contains no monitor$/, 'only separators'],
  ['["10.0.0.1:6789"', /not a host name/, 'a list in JSON without its end'],
  ['[1,2]', /"1" is not a host name/, 'a list of numbers'],
  ['a=', /not a host name/, 'the name of a monitor alone'],
  ['a=b=c', /not a host name/, 'two names'],
  ['10.0.0.1:6789/123', /not a host name/, 'a nonce, which no monitor has'],
  ['6789', /"6789" is not a host name/, 'a port alone'],
  [':6789', /":6789" is not a host name/, 'a port alone, with its colon'],
  ['0x0a000001', /not a host name/, 'a hexadecimal number'],
  ['10.0.0.0x1', /not a host name/, 'IPv4 with a hexadecimal byte'],
  ['10.0.0.1.', /not a host name/, 'IPv4 with a dot at its end'],
  ['mon..', /not a host name/, 'two dots at the end'],
  ['.', /not a host name/, 'a dot'],
  ['0.0.0.0', /"0.0.0.0" is an address that no host can have/, 'every address of a host'],
  ['[::]:6789', /no host can have/, 'the same of IPv6'],
  ['224.0.0.1 ff02::1', /no host can have/, 'multicast'],
  ['tcp://10.0.0.1:6789', /not a host name/, 'a URL'],
  ['10.0.0.1:6789:/', /not a host name/, 'the source of a mount'],
  ['10.0.0.1:0', /port from 1 to 65535/, 'port 0'],
  ['10.0.0.1:65536', /port from 1 to 65535/, 'a port above 65535'],
  ['10.0.0.1:123456', /not a host name or address/, 'a port of six digits'],
  ['10.0.0.1:', /not a host name/, 'an empty port'],
  ['10.0.0.1:abc', /not a host name/, 'a port that is no number'],
  ['10.0.0.256', /not a host name/, 'a byte above 255'],
  ['10.0.0', /not a host name/, 'three bytes'],
  ['010.0.0.1', /not a host name/, 'octal IPv4'],
  ['fd00::1:6789', /is ambiguous: write \[fd00::1\]:6789/, 'IPv6 that swallows the port'],
  ['[::1', /not a host name/, 'an open bracket'],
  ['::1]', /not a host name/, 'a bracket too many'],
  ['[fe80::1%eth0]', /not a host name/, 'a zone'],
  ['1::2::3', /not a host name/, 'malformed IPv6'],
  ['-mon', /not a host name/, 'a name that starts with "-"'],
  ['a..b', /not a host name/, 'an empty label'],
  [`${'a'.repeat(64)}.com`, /not a host name/, 'a label of 64 characters'],
  [`${'a.'.repeat(127)}a`, /not a host name/, 'a name of more than 253 characters'],
  ['mon;rm$(x)', /"rm\$\(x\)" is not/, 'shell syntax'],
  ['mon1/7', /not a host name/, 'a nonce that is not 0'],
  ['v2:', /not a host name/, 'a protocol alone'],
  ['[v2:a,[v1:b]]', /"\[v1:b\]" is not/, 'a group in a group'],
  ['mön', /"m\\u\{f6\}n"/, 'a name that is not ASCII, printed as ASCII'],
]

t.test('forms that are refused', async t => {
  for (const [text, problem, rule] of REFUSED) t.match(parseMonitors(text).problems[0], problem, rule)
  const { monitors, problems } = parseMonitors('good,b$d,10.0.0.1:0')
  t.strictSame([monitors, problems.length], [[{ host: 'good' }], 2], 'each bad entry is one problem')
})

const read = (text: string): Monitor[] => parseMonitors(text).monitors

const FUSE: [text: string, argument: string, rule: string][] = [
  ['v1:1.2.3.4:99 v2:1.2.3.4:98', 'v1:1.2.3.4:99,v2:1.2.3.4:98', 'an explicit protocol is kept'],
  [
    'v1:1.2.3.4 v2:1.2.3.4',
    'v1:1.2.3.4:6789,v2:1.2.3.4:3300',
    'a protocol without a port gets its default port',
  ],
  ['1.2.3.4:3300', 'v2:1.2.3.4:3300', 'port 3300 is v2'],
  ['1.2.3.4:6789', 'v1:1.2.3.4:6789', 'port 6789 is v1'],
  ['1.2.3.4:6790', 'v1:1.2.3.4:6790', 'a non-standard port always gets a protocol'],
  ['1.2.3.4', '1.2.3.4', 'neither protocol nor port: the client tries both'],
  ['fd00::1 [fd00::2]:3300', '[fd00::1],v2:[fd00::2]:3300', 'IPv6 is in brackets'],
  ['1.2.3.4 1.2.3.4', '1.2.3.4', 'duplicates are dropped'],
]

t.test('for ceph-fuse', async t => {
  for (const [text, argument, rule] of FUSE) t.equal(fuseMonitors(read(text)), argument, rule)
})

const KERNEL: [
  text: string,
  msMode: MsMode | undefined,
  source: string,
  mode: MsMode | undefined,
  rule: string,
][] = [
  ['1.2.3.4', undefined, '1.2.3.4:6789', undefined, 'no mode: the old protocol and port'],
  ['1.2.3.4', 'legacy', '1.2.3.4:6789', 'legacy', 'legacy: the old port'],
  ['1.2.3.4', 'crc', '1.2.3.4:3300', 'crc', 'a new mode: the new port'],
  ['1.2.3.4:6789', 'secure', '1.2.3.4:3300', 'secure', 'a new mode: 6789 becomes 3300'],
  ['v2:1.2.3.4:6789', 'secure', '1.2.3.4:6789', 'secure', 'unless it has the prefix v2:'],
  ['1.2.3.4:7000', 'prefer-crc', '1.2.3.4:7000', 'prefer-crc', 'a new mode: a non-standard port is kept'],
  ['1.2.3.4:7000', undefined, '1.2.3.4:7000', undefined, 'no mode: a non-standard port is kept'],
  ['1.2.3.4:3300', undefined, '1.2.3.4:3300', 'prefer-crc', 'only v2: a mode is set, or the mount times out'],
  ['v2:1.2.3.4', undefined, '1.2.3.4:3300', 'prefer-crc', 'only v2 by prefix'],
  ['[v2:1.2.3.4,v1:1.2.3.4]', undefined, '1.2.3.4:6789', undefined, 'both: v1 is used'],
  [
    '[v2:1.2.3.4,v1:1.2.3.4]',
    'prefer-secure',
    '1.2.3.4:3300',
    'prefer-secure',
    'both: v2 is used for a new mode',
  ],
  ['b:6789 a b', 'legacy', 'b:6789,a:6789', 'legacy', 'duplicates are dropped, the order is kept'],
  ['a:6789 a:3300 a', 'crc', 'a:3300', 'crc', 'duplicates after the change of port'],
  ['fd00::1', undefined, '[fd00::1]:6789', undefined, 'IPv6 is in brackets'],
]

t.test('addresses and msMode for the kernel', async t => {
  for (const [text, msMode, source, mode, rule] of KERNEL) {
    t.strictSame(kernelMonitors(read(text), msMode), { source, ...(mode && { msMode: mode }) }, rule)
  }
  for (const [text, msMode] of [
    ['v2:a', 'legacy'],
    ['v1:a', 'crc'],
  ] as const) {
    t.throws(
      () => kernelMonitors(read(text), msMode),
      { code: 'EBADOPTIONS', message: `msMode ${msMode}` },
      text,
    )
  }
})
