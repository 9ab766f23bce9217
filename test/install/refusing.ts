import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { BINARIES, type Case, DEFAULT_DIR, DRIVER, failing, OTHER_DIR, ok, refused, stub } from './node.js'
import { recordEvents, tree } from './watch.js'

export const refusing: Case[] = [
  [
    'a wrong checksum, and nothing changes',
    async (t, node) => {
      ok(t, await node.run())
      const before = tree(node.root)
      for (const name of BINARIES) fs.appendFileSync(join(node.release, name), 'x')
      refused(t, await node.run(), /damaged or not the released file.*download it again/)
      t.strictSame(tree(node.root), before)
    },
  ],
  [
    'a missing SHA256SUMS or entry, unless --no-verify or --binary is given',
    async (t, node) => {
      node.write(join(node.release, 'SHA256SUMS'), '0  something-else\n')
      refused(t, await node.run(), /does not list cephflex-linux-.*--no-verify/)
      fs.rmSync(join(node.release, 'SHA256SUMS'))
      refused(t, await node.run(), /does not list cephflex-linux-/)
      t.strictSame(tree(node.root), [])
      ok(t, await node.run('--no-verify'))
      node.publish(stub('2.0.0'))
      fs.rmSync(join(node.release, 'SHA256SUMS'))
      ok(t, await node.run('--binary', join(node.release, BINARIES[0] ?? '')))
      t.match(fs.readFileSync(node.driver(), 'utf8'), '# 2.0.0')
    },
  ],
  [
    'a processor without a binary, or a binary that is missing',
    async (t, node) => {
      node.machine = 'riscv64'
      refused(t, await node.run(), /no binary for the processor 'riscv64'/)
      node.machine = 'aarch64'
      for (const name of ['cephflex-linux-arm64', 'cephflex-linux-arm64-bun'])
        fs.rmSync(join(node.release, name))
      refused(t, await node.run(), /cephflex-linux-arm64 was not found in .*release.*--binary/)
      refused(t, await node.run('--binary', '/nowhere'), /--binary \/nowhere is not a file/)
    },
  ],
  [
    'no binary works: what is missing',
    async (t, node) => {
      node.publish('#!/lib64/no-such-loader\n')
      for (const version of ['2.16', '2.9', '1.99']) {
        node.fake('getconf', `echo glibc ${version}`)
        const pattern = new RegExp(`glibc is ${version.replace('.', '\\.')}, the driver requires 2\\.17`)
        refused(t, await node.run('--dry-run'), pattern)
      }
      node.fake('getconf', 'exit 1')
      node.fake('ldd', 'echo "ldd (GNU libc) 2.12"')
      refused(t, await node.run(), /glibc is 2\.12/)
      node.fake('ldd', 'printf "musl libc (x86_64)\\nVersion 1.2.5\\n" >&2; exit 1')
      refused(t, await node.run(), /C library is musl, the driver requires glibc/)
      node.fake('getconf', 'exit 1')
      node.fake('ldd', 'exit 1')
      node.file('/lib/ld-musl-x86_64.so.1', '')
      refused(t, await node.run(), /C library is musl, the driver requires glibc/)
      fs.rmSync(node.path('/lib'), { recursive: true })
      node.fake('getconf', 'echo 32')
      refused(t, await node.run(), /runs 32-bit programs, the driver is a 64-bit program/)
      node.fake('getconf', 'case $1 in PAGESIZE) echo 65536 ;; *) echo glibc 2.17 ;; esac')
      const both = failing('1', 'a lock cannot be taken')
      node.publish(both, failing('1', '====\\nArgs: \\npanic(main thread): abort'))
      refused(
        t,
        await node.run(),
        /no binary works .*kernel \S+, glibc 2\.17, pages of 65536 .*-bun: panic\(.*; cephflex-linux-\w+: a lock/,
      )
      node.fake('getconf', 'echo glibc 2.36')
      node.publish('#!/lib64/no-such-loader\n')
      refused(t, await node.run(), /no binary works .*not found/)
      t.strictSame(tree(node.root), [])
    },
  ],
  [
    'a read-only directory, with a hint',
    async (t, node) => {
      fs.mkdirSync(node.path('/usr/libexec'), { recursive: true })
      const readOnly = 'mount -t tmpfs -o ro none "$root/usr/libexec"'
      const advice =
        /usr\/libexec is read-only[\s\S]*--volume-plugin-dir=\/var\/lib\/kubelet\/volumeplugins, then run/
      refused(t, await node.runIsolated(readOnly), advice)
      refused(t, await node.runIsolated(readOnly, '--dry-run'), advice)
      ok(t, await node.runIsolated(readOnly, '--plugin-dir', OTHER_DIR))
      t.ok(fs.existsSync(node.driver(OTHER_DIR)))
    },
  ],
  [
    'a full disk: the old driver stays',
    async (t, node) => {
      fs.mkdirSync(node.path(OTHER_DIR), { recursive: true })
      const small = `mount -t tmpfs -o size=64k none "$root${OTHER_DIR}"`
      const script = `${small}; mkdir "$root${OTHER_DIR}/cephflex~cephfs"; echo old >"$root${OTHER_DIR}/${DRIVER}"`
      const look = `trap 'ls -A "$root${OTHER_DIR}/cephflex~cephfs"; cat "$root${OTHER_DIR}/${DRIVER}"' EXIT`
      const result = await node.runIsolated(
        `${script}; ${look}; "$@" && exit || exit`,
        '--plugin-dir',
        OTHER_DIR,
      )
      refused(t, result, /cannot copy [\s\S]*free space there/)
      t.match(result.stdout, /\ncephfs\nold$/)
    },
  ],
  [
    'a driver that fails init never appears',
    async (t, node) => {
      ok(t, await node.run())
      const bad = [
        'echo oops >&2; exit 3',
        `echo warning >&2; echo '{"status":"Success"}'`,
        `echo '{"status":"Failure"}'`,
      ]
      for (const init of bad) {
        node.publish(stub('bad', init))
        const events = recordEvents(node.path(DEFAULT_DIR), DRIVER, [stub('1.0.0')])
        refused(
          t,
          await node.run(),
          /was not installed.*init exited with code \d and printed: (oops|warning|.*Failure)/,
        )
        t.strictSame(await events.stop(), [])
        t.strictSame(fs.readdirSync(dirname(node.driver())), ['cephfs'])
        t.equal(fs.readFileSync(node.driver(), 'utf8'), stub('1.0.0'))
      }
    },
  ],
  [
    'invalid names, and other wrong usage',
    async (t, node) => {
      for (const name of ['a~b', 'a/b', '.hidden', '..', '-x', 'a b', '']) {
        refused(t, await node.run('--vendor', name), /--vendor/, 2)
      }
      refused(t, await node.run('--driver', 'a~b'), /'a~b' is not a valid name/, 2)
      for (const args of [
        ['--nonsense'],
        ['stray'],
        ['--driver'],
        ['--force'],
        ['--yes'],
        ['--dry-run=no'],
      ]) {
        refused(t, await node.run(...args), /see:? .*--help/, 2)
      }
      refused(t, await node.run('--uninstall', '--deps'), /cannot be used together/, 2)
      refused(t, await node.run('--plugin-dir', 'relative'), /not an absolute path/)
      refused(t, await node.run('--plugin-dir', '/'), /cannot be \//)
      t.match((await node.run('--help')).stdout, 'Examples')
      for (const name of BINARIES) fs.rmSync(join(node.release, name))
      const without = await node.run('--help')
      ok(t, without)
      t.match(without.stdout, /--uninstall[\s\S]*--binary FILE --help/, 'also without a binary')
    },
  ],
  [
    'a driver directory that the kubelet would ignore',
    async (t, node) => {
      fs.mkdirSync(node.path(DEFAULT_DIR), { recursive: true })
      fs.symlinkSync('/tmp', node.path(`${DEFAULT_DIR}/cephflex~cephfs`))
      refused(t, await node.run(), /is a symbolic link, which the kubelet ignores/)
    },
  ],
  [
    'a second install at the same time',
    async (t, node) => {
      const { running, go } = await node.startSlow()
      const second = await node.run()
      go()
      const first = await running
      const [winner, loser] = first.exitCode === 0 ? [first, second] : [second, first]
      ok(t, winner)
      refused(t, loser, /another install is running in/)
      t.strictSame(fs.readdirSync(dirname(node.driver())), ['cephfs'])
      t.strictSame(node.leftovers(), [])
    },
  ],
]
