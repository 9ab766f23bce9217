// The examples of the README, in order, as a reader would type them.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { at, programDirectory, runsHere } from './example-places.js'
import { type Block, blocksOf, exchangesOf, isPrinted } from './examples.js'

/** Mounts over the directories that the examples write to, to run them unchanged without changing this machine. */
const PRIVATE = [
  'mount -t tmpfs tmpfs /mnt',
  'mount -t tmpfs tmpfs /run',
  'mkdir /run/etc',
  'cp -a /etc/. /run/etc',
  'mount --bind /run/etc /etc',
  'mount -t tmpfs tmpfs /var/log',
]

/** One script for a page: the variables of a block are set in the next ones. */
const script = (blocks: readonly Block[]): string =>
  blocks
    .flatMap((block, i) =>
      block.kind === 'sh'
        ? [block.text, `echo ok >"$OUT/${i}"`]
        : exchangesOf(block).map(({ command }, j) => `{ ${command}\n} >"$OUT/${i}.${j}" 2>&1`),
    )
    .join('\n')

const runReadme = async (t: Test, page: string) => {
  const dir = mkdtempSync('/tmp/cephflex-docs-')
  t.teardown(() => rmSync(dir, { recursive: true }))
  const blocks = blocksOf(page).filter(block => /^(sh|console)$/.test(block.kind) && runsHere(block))
  const home = `${dir}/home`
  const out = `${dir}/out`
  mkdirSync(home)
  mkdirSync(out)
  const env = { HOME: home, OUT: out, PATH: `${programDirectory(dir)}:${process.env['PATH']}` }
  const spaces = ['-m', '-p', '-f', '--mount-proc', '--kill-child', '--propagation', 'private']
  const text = `set -eu\n${PRIVATE.join('\n')}\n${script(blocks)}`
  const { all } = await execa('unshare', [...spaces, 'sh', '-c', text], {
    env,
    all: true,
    reject: false,
    stdin: 'ignore',
  })
  const read = (name: string) => {
    try {
      return readFileSync(`${out}/${name}`, 'utf8')
    } catch {
      return `never run, since: ${all}`
    }
  }
  blocks.forEach((block, i) => {
    if (block.kind === 'sh') t.equal(read(`${i}`), 'ok\n', `${at(block)} ${block.text.trim()}`)
    else
      exchangesOf(block).forEach(({ command, output }, j) => {
        const printed = read(`${i}.${j}`)
        t.ok(isPrinted(output, printed), `${at(block)} ${command}`, { printed })
      })
  })
  t.ok(blocks.length > 5, 'the page has blocks')
}

t.test('the README, from start to end', t => runReadme(t, 'README.md'))
