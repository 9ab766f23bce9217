import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { PROGRAM } from '../support/cli.js'
import { type Block, commandsOf, needsKubernetes } from './examples.js'

/** Commands that cannot run inside a test: the file that runs them, and the text to find there. */
export const ELSEWHERE: Readonly<Record<string, readonly [file: string, words: string]>> = {
  'npm run demo': ['.ci/run', 'part demo npm run --silent demo'],
  'sh bin/setup.sh test': ['.ci/run', 'part setup sh bin/setup.sh test'],
  'npm ci': ['.ci/run', 'part install npm ci'],
  'npm test': ['.ci/run', 'suite test npm test'],
  'npm run test:unit': ['bin/record.sh', "SUITES='test:unit "],
  'npm run check': ['.ci/run', 'part lint npm run --silent check'],
  'npm run package': ['test/lab/packaged.sh', 'npm run --silent package'],
  'sh bin/setup.sh package': ['package.json', 'sh bin/setup.sh package && sh test/lab/packaged.sh'],
  'sh install.sh': ['test/kube/support/driver.ts', "execa('sh', ['install.sh', ...args]"],
  'rpm -U ./cephflex-*.x86_64.rpm': ['test/package/rpm.suite.ts', "rpm('-U', nextVersion("],
  'apt-get install ./cephflex_*_amd64.deb': [
    'test/package/deb.suite.ts',
    "node.run('apt-get', 'install', '-y', ...OFFLINE, '/tmp/cephflex.deb')",
  ],
}

/** A directory with `cephflex` in it, for PATH. */
export function programDirectory(dir: string): string {
  const bin = `${dir}/bin`
  mkdirSync(bin)
  writeFileSync(`${bin}/cephflex`, `#!/bin/sh\nexec "${PROGRAM}" "$@"\n`)
  chmodSync(`${bin}/cephflex`, 0o755)
  return bin
}

/** Whether a test with a cluster can run this block. */
export function runsHere(block: Block) {
  return !needsKubernetes(block) && !isElsewhere(block)
}

/** Whether its commands are in ELSEWHERE. If one is, all must be. */
export function isElsewhere(block: Block) {
  return commandsOf(block).some(command => command in ELSEWHERE)
}

/** Page and line of a block, for messages. */
export function at({ page, line }: Block) {
  return `${page}:${line}`
}
