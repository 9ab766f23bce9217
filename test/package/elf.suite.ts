// The ELF files of the binaries: the oldest glibc that can start them, and whether arm64 kernels with pages of 64K can.
import { execa } from 'execa'
import t from 'tap'
import { recordTest } from '../records/record-compat.js'
import { PKG } from './release.js'

const KIB = 1024

type Segment = { offset: number; address: number; memory: number; align: number }

async function readElf(file: string) {
  const { stdout } = await execa('readelf', ['--wide', '--version-info', '--program-headers', file])
  const versions = [...stdout.matchAll(/\bGLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor))
  const loads = [...stdout.matchAll(/^ +LOAD +(.*)$/gm)].map(([, text = '']): Segment => {
    const words = text.split(/ +/)
    const number = (index: number) => Number(words.at(index))
    return { offset: number(0), address: number(1), memory: number(4), align: number(-1) }
  })
  return { glibc: `2.${Math.max(...versions)}`, loads }
}

/** Each segment is mapped from a whole page of the file, and no two segments are in one page. */
function fitsPages({ loads }: { loads: Segment[] }, size: number): boolean {
  return loads.every(({ offset, address }, index) => {
    const before = loads[index - 1]
    const lastPage = before ? Math.floor((before.address + before.memory - 1) / size) : -1
    return (address - offset) % size === 0 && Math.floor(address / size) > lastPage
  })
}

const elf = {
  node: {
    x64: await readElf(`${PKG}/cephflex-linux-x64`),
    arm64: await readElf(`${PKG}/cephflex-linux-arm64`),
  },
  bun: {
    x64: await readElf(`${PKG}/cephflex-linux-x64-bun`),
    arm64: await readElf(`${PKG}/cephflex-linux-arm64-bun`),
  },
}

for (const [engine, name, glibc] of [
  ['node', 'Node.js', '2.28'],
  ['bun', 'Bun', '2.17'],
] as const)
  for (const arch of ['x64', 'arm64'] as const)
    t.test(`${name}, ${arch}`, async t => {
      recordTest(t, 'elf', {
        area: 'engine',
        subject: `the binary with ${name}`,
        version: `glibc ${glibc}`,
        arch: arch === 'x64' ? 'x86-64' : 'arm64',
        note: 'what its ELF file needs',
      })
      t.equal(elf[engine][arch].glibc, glibc)
      t.ok(elf[engine][arch].loads.length > 2, 'it has segments')
      t.ok(fitsPages(elf[engine][arch], 4 * KIB), 'pages of 4K')
    })
for (const size of [16, 64])
  t.ok(fitsPages(elf.node.arm64, size * KIB), `arm64, Node.js: its segments fit pages of ${size}K`)
t.strictSame(
  elf.node.arm64.loads.map(({ align }) => align / KIB),
  [64, 64, 4],
  'the segment that pkg adds only claims 4K; its place fits all the same',
)
// its segments are not why qemu-user ends Bun with pages of 64K: crashes.suite.ts runs both
t.ok(fitsPages(elf.bun.arm64, 64 * KIB), 'arm64, Bun: its segments fit, too')
t.notOk(fitsPages(elf.node.x64, 64 * KIB), 'x64 has no such kernels; so this test can see what does not fit')
