import type { Arch } from './bases.js'

/**
 * A Bun for a program that runs as root with a key among its arguments: it reads no variables of the caller, and a crash
 * does not print the arguments. It has no setting for either, so its bytes are changed.
 *
 * @throws Error if the bytes to change are not there, each exactly once: this is then another Bun.
 */
export function tamed(bun: Buffer, arch: Arch): Buffer {
  // one character for each byte, so that places in the text are places in the file
  for (const { index } of bun.toString('latin1').matchAll(VARIABLES)) bun.write('DROP', index, 'latin1')
  for (const { what, find, offset, replace } of CHANGES[arch]) {
    const places = placesOf(bun, find)
    if (places.length !== 1)
      throw new Error(`Bun for ${arch}: ${places.length} places of ${what}, expected one`)
    bytes(replace).copy(bun, (places[0] ?? 0) + offset)
  }
  return bun
}

/** The names of variables: those of Bun and its libraries, and those that the binary with Node.js ignores, too. */
const VARIABLES =
  /BUN_(?=[A-Z][A-Z_]{2})|WTF_(?=numberOf)|JSC_(?=SIGNAL_FOR_GC)|SIMD(?=UTF_FORCE_)|NODE(?=_(?:CHANNEL_|UNIQUE_ID|DEBUG|V8_COVERAGE|REDIRECT_WARNINGS|COMPILE_CACHE))/g

/** A change of machine code or data, in hex. `find` has one place (`??` is any byte); `offset` is counted from there. */
type Change = { what: string; find: string; offset: number; replace: string }

const JSC = 'the comparison of a name of a variable with BUN_JSC_'
const ALLOCATOR = 'the prefix of the variables of the allocator'
const CRASH = 'the jump over the arguments in the report of a crash'

/**
 * A caller that ignores the signal with which Bun stops its threads would get a line beside the reply. It is empty now,
 * which JSON allows.
 */
const SIGNAL_WARNING: Change = {
  what: 'the warning about the handler of a signal',
  find: hex('Overriding existing handler for signal %d.'),
  offset: 0,
  replace: '00',
}

const CHANGES: Readonly<Record<Arch, readonly Change[]>> = {
  x64: [
    SIGNAL_WARNING,
    {
      what: JSC,
      // cmpb 'B', (%r14); jne; cmpb 'U', 1(%r14); jne; cmpb 'N', 2(%r14)
      find: '41 80 3e 42 75 ?? 41 80 7e 01 55 75 ?? 41 80 7e 02 4e',
      offset: 3,
      // '=', with which no name starts
      replace: '3d',
    },
    // movabs "mimalloc", %r13
    { what: ALLOCATOR, find: '49 bd 6d 69 6d 61 6c 6c 6f 63', offset: 2, replace: '3d' },
    {
      what: CRASH,
      // test %r12, %r12 (their number); je; mov, %r14; mov 8(%r14), %r13; cmp 196, %r13
      find: '4d 85 e4 0f 84 ?? ?? ?? ?? 4c 8b 35 ?? ?? ?? ?? 4d 8b 6e 08 49 81 fd c4 00 00 00',
      offset: 3,
      // nop; jmp to the same place
      replace: '90 e9',
    },
  ],
  arm64: [
    SIGNAL_WARNING,
    {
      what: JSC,
      // cmp w10, 'B'; b.ne; ldrb w10, [x9, 1]; cmp w10, 'U'; b.ne; ldrb w10, [x9, 2]; cmp w10, 'N'
      find: '5f 09 01 71 ?? ?? ?? 54 2a 05 40 39 5f 55 01 71 ?? ?? ?? 54 2a 09 40 39 5f 39 01 71',
      offset: 0,
      // cmp w10, '='
      replace: '5f f5 00 71',
    },
    // "mimalloc", and the next constant
    { what: ALLOCATOR, find: '6d 69 6d 61 6c 6c 6f 63 10 11 12 13', offset: 0, replace: '3d' },
    {
      what: CRASH,
      // ldr x22, [x8, 8] (their number); cbz x22; ldr x20, [x8]; mov w9, 196
      find: '16 05 40 f9 76 0a 00 b4 14 01 40 f9 89 18 80 52',
      offset: 4,
      // b to the same place
      replace: '53 00 00 14',
    },
  ],
}

function placesOf(data: Buffer, find: string): number[] {
  const wanted = find.split(' ')
  const start = bytes(find.slice(0, `${find} ??`.indexOf(' ??')))
  const places: number[] = []
  for (let at = data.indexOf(start); at >= 0; at = data.indexOf(start, at + 1))
    if (wanted.every((byte, index) => byte === '??' || data[at + index] === Number.parseInt(byte, 16)))
      places.push(at)
  return places
}

function hex(text: string): string {
  return Buffer.from(text)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
}

function bytes(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex')
}
