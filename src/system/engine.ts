import * as fs from 'node:fs'

/** All that differs between the JavaScript engines that run this program: Node.js, or Bun in a binary made with it. */
export type Engine = {
  id: 'node' | 'bun'
  /** Its name and version, for people. */
  name: string
  /** Whether this is a binary, not a checkout. */
  isPackaged: boolean
  /** The path with which this program was started. */
  program: string
  /** Makes other users of the node see `cephflex` instead of the arguments, and ignores variables of the caller. */
  prepare: () => void
  /** The names of the files in the binary; none in a checkout. */
  assetKeys: () => string[]
  /** The text of one of them. */
  asset: (key: string) => string
}

const TITLE = 'cephflex'

/** Where Bun shows the content of a binary. */
const BUN_ROOT = '/$bunfs/root'

/** `import` would fail in Bun, which has no such module. Old type definitions lack a function that Node.js 24 has. */
const sea = process.getBuiltinModule('node:sea') as
  | {
      isSea: () => boolean
      getAsset: (key: string, encoding: 'utf8') => string
      getAssetKeys?: () => string[]
    }
  | undefined

type BunGlobal = { version: string; main: string }

const { Bun: bun } = globalThis as { Bun?: BunGlobal }

function nodeEngine(): Engine {
  const isPackaged = sea?.isSea() ?? false
  return {
    id: 'node',
    name: `Node.js ${process.versions.node}`,
    isPackaged,
    // in a binary of plain pkg (npx pkg .), argv[1] is a path of pkg
    program: ('pkg' in process ? process.execPath : process.argv[1]) ?? '',
    prepare: () => {
      process.title = TITLE
      ignoreVariables()
    },
    assetKeys: () => (isPackaged ? (sea?.getAssetKeys?.() ?? []) : []),
    asset: key => sea?.getAsset(key, 'utf8') ?? '',
  }
}

function bunEngine({ version, main }: BunGlobal): Engine {
  const isPackaged = main.startsWith(`${BUN_ROOT}/`)
  return {
    id: 'bun',
    name: `Bun ${version}`,
    isPackaged,
    // argv[1] is a path in the binary
    program: isPackaged ? process.argv0 : main,
    prepare: () => {
      try {
        overwriteArguments()
      } catch {
        // without /proc, nobody sees the arguments
      }
    },
    assetKeys: () => (isPackaged ? filesBelow(BUN_ROOT, '') : []),
    asset: key => fs.readFileSync(`${BUN_ROOT}/${key}`, 'utf8'),
  }
}

/** The engine of this process. */
export const engine: Engine = bun ? bunEngine(bun) : nodeEngine()

/**
 * Variables of the caller must not change the answer. The packaged binary does not read these; under another Node.js
 * this is the first moment: NODE_DEBUG prints to stderr, and Node.js reads the descriptor of NODE_CHANNEL_FD.
 */
function ignoreVariables(): void {
  if (process.env['NODE_DEBUG']) process.stderr.write = () => true
  process.removeAllListeners('warning')
  const channel = Object.getOwnPropertySymbols(process).find(
    ({ description }) => description === 'kChannelHandle',
  )
  if (channel && process.channel) (process as unknown as Channel)[channel]?.readStop?.()
}

type Channel = Record<symbol, { readStop?: () => void } | null | undefined>

/**
 * Bun's `process.title` changes only a variable. So this writes where the kernel reads the arguments for others:
 * proc(5) has the place, fields 48 and 49 of `stat`.
 */
function overwriteArguments(): void {
  const stat = fs.readFileSync('/proc/self/stat', 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [start, end] = [Number(fields[45]), Number(fields[46])]
  const text = Buffer.alloc(end - start)
  text.write(TITLE.slice(0, text.length - 1), 'latin1')
  const memory = fs.openSync('/proc/self/mem', 'r+')
  fs.writeSync(memory, text, 0, text.length, start)
  fs.closeSync(memory)
  fs.writeFileSync('/proc/self/comm', TITLE)
}

function filesBelow(root: string, folder: string): string[] {
  return fs.readdirSync(`${root}/${folder}`, { withFileTypes: true }).flatMap(entry => {
    const key = `${folder}${entry.name}`
    return entry.isDirectory() ? filesBelow(root, `${key}/`) : [key]
  })
}
