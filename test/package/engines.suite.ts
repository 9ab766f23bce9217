// What src/system/engine.ts makes equal: each binary hides its arguments, ends on a signal with a reply, has its files,
// and keeps the exit code and all it prints.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BINARIES, holdsSecret, shown, startHeld } from './held-call.js'

for (const [engine, program] of Object.entries(BINARIES))
  t.test(engine, async t => {
    t.match(execFileSync(program, ['--version'], { encoding: 'utf8' }), `, ${engine} `, 'it says its engine')

    const works = spawnSync(program, ['self-test'], { encoding: 'utf8' })
    t.match(works, { status: 0, stdout: new RegExp(`^${engine} \\S+ works on this node\n$`), stderr: '' })
    const inject = ['-f', '-o', '/dev/null', '-e', 'inject=bind:error=EPERM', program, 'self-test']
    const blocked = spawnSync('strace', inject, { encoding: 'utf8' })
    t.match(blocked, { status: 1, stderr: /^EINSTALL: a lock cannot be taken/ }, 'no sockets')

    const held = await startHeld(program, t.testdir())
    t.strictSame(shown(held.pid), { arguments: 'cephflex', name: 'cephflex' }, 'others see no arguments')
    held.child.kill('SIGTERM')
    const { output, code } = await held.ended
    t.match(
      JSON.parse(output),
      { status: 'Failure', message: /^EINTERRUPTED/ },
      'SIGTERM ends it with a reply',
    )
    t.equal(code, 0)
    t.notOk(holdsSecret(output))

    const folder = join(t.testdir({ 'cephflex~cephfs': {} }), 'cephflex~cephfs')
    const installed = join(folder, 'cephfs')
    symlinkSync(program, installed)
    const frobnicate = spawnSync(installed, ['frobnicate'], { encoding: 'utf8' })
    t.equal(frobnicate.stdout, '{"status":"Not supported"}\n', 'it knows the path with which it was started')
    mkdirSync(join(folder, 'empty'))
    const usage = spawnSync(program, ['install', '--force'], { encoding: 'utf8', cwd: join(folder, 'empty') })
    t.match(usage, { status: 2, stdout: '', stderr: /--uninstall/ }, 'exit code and stderr')

    const script = spawnSync(program, ['install-script'], { encoding: 'utf8' })
    t.equal(script.stdout, readFileSync('install.sh', 'utf8'), 'it has its files')
    const manual = spawnSync(program, ['man'], { encoding: 'utf8', maxBuffer: 1e8 })
    t.equal(
      manual.stdout.length,
      readFileSync('src/assets/cephflex.1', 'utf8').length,
      'all of a long output',
    )
    const names = spawnSync(program, ['help'], { encoding: 'utf8' }).stdout
    t.equal(names, execFileSync('node', ['dist/bin/cephflex.js', 'help'], { encoding: 'utf8' }), 'every page')
  })
