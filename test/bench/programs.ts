import { execFileSync } from 'node:child_process'
import { constants, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { arch, cpus, loadavg, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { getBase } from '../../bin/package/binary/bases.js'
import type { Results } from '../records/bench.js'

const root = join(import.meta.dirname, '../../..')
const drivers = join(root, 'test/bench/drivers')

/** The paths of the programs that the bench runs. */
export type Programs = {
  /** With Node.js. */
  binary: string
  bun: string
  node: string
  jqEach: string
  jqOnce: string
  /** Undefined without a C compiler. */
  c?: string
}

/** @param folder where the drivers are installed and the C program is built. @throws Error if the binary was not made. */
export function findPrograms(folder: string): Programs {
  const architecture = arch() === 'arm64' ? 'arm64' : 'x64'
  const binary = join(root, `dist/pkg/cephflex-linux-${architecture}`)
  const bun = `${binary}-bun`
  for (const file of [binary, bun])
    if (!existsSync(file)) throw new Error(`${file} is missing; run "npm run package"`)
  const { program: node } = getBase('node', architecture, join(root, 'package-lock.json'))
  const programs = {
    binary: installed(binary, join(folder, 'node')),
    bun: installed(bun, join(folder, 'bun')),
    node,
    jqEach: join(drivers, 'jq-each.sh'),
    jqOnce: join(drivers, 'jq-once.sh'),
  }
  const c = join(folder, 'reply')
  try {
    execFileSync('gcc', ['-O2', '-o', c, join(drivers, 'reply.c')], { stdio: 'ignore' })
    return { ...programs, c }
  } catch {
    return programs
  }
}

/** A call of a person looks for the mounts of other namespaces as well, so the kubelet's path is what is measured. */
function installed(file: string, folder: string): string {
  const driver = join(folder, 'cephflex~cephfs/cephfs')
  mkdirSync(dirname(driver), { recursive: true })
  copyFileSync(file, driver, constants.COPYFILE_FICLONE)
  return driver
}

/** Date, machine and versions of the results. */
export function describeMachine({ node }: Programs): Pick<Results, 'date' | 'machine' | 'versions'> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      load: Number((loadavg()[0] ?? 0).toFixed(1)),
    },
    versions: {
      cephflex: version,
      node: firstNumber(versionOf(node)),
      ceph: firstNumber(versionOf('ceph-fuse')),
      jq: firstNumber(versionOf('jq')),
      bash: firstNumber(versionOf('bash')),
    },
  }
}

function firstNumber(text: string) {
  return /\d+(?:\.\d+)+/.exec(text)?.[0] ?? text.trim()
}

function versionOf(program: string) {
  return execFileSync(program, ['--version'], { encoding: 'utf8' })
}
