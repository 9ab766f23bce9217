// install.sh in dash with the program of this checkout as its binary. Requires root (mounts).
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { installing } from './installing.js'
import { type Case, DEFAULT_DIR, ok, runCases, shells } from './node.js'
import { refusing } from './refusing.js'

const interrupting: Case[] = [
  [
    'a killed install leaves only dot names, and the next one removes them',
    async (t, node) => {
      const { running, pid, go } = await node.startSlow()
      process.kill(-pid, 'SIGKILL')
      t.equal((await running).signal, 'SIGKILL')
      go()
      t.ok(node.leftovers().length > 0)
      t.ok(fs.readdirSync(node.path(DEFAULT_DIR)).every(name => name.startsWith('.')))
      const next = await node.run()
      ok(t, next)
      t.match(next.stdout, 'left by an interrupted install')
      t.strictSame(node.leftovers(), [])
      t.ok(fs.existsSync(node.driver()))
      fs.writeFileSync(join(dirname(node.driver()), '.cephfs.install-abcdef'), '')
      fs.writeFileSync(join(dirname(node.driver()), '.cephfs.config'), '')
      ok(t, await node.run())
      t.strictSame(fs.readdirSync(dirname(node.driver())), ['.cephfs.config', 'cephfs'])
    },
  ],
  [
    'a terminated install cleans up after itself',
    async (t, node) => {
      const { running, pid, go } = await node.startSlow()
      process.kill(pid, 'SIGTERM')
      go()
      t.equal((await running).exitCode, 143)
      t.strictSame(node.leftovers(), [])
      t.notOk(fs.existsSync(node.driver()))
    },
  ],
]

t.setTimeout(290_000)
runCases(t, shells.slice(0, 1), [...installing, ...refusing, ...interrupting])
