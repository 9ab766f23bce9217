import t, { type Test } from 'tap'
import type { ErrorCode } from '../../../src/core/error-codes.js'
import { CephflexError } from '../../../src/core/errors.js'
import { Secret } from '../../../src/core/secret.js'
import { mountVolume } from '../../../src/ops/mount/mount.js'
import { BOOT, fakeSystem, mountLine, type Script } from '../../support/fake-system.js'
import { EMPTY_TARGET, nodeWith, request, TARGET } from '../../support/mounting.js'
import { KEY } from '../../support/volumes.js'

type Fake = ReturnType<typeof fakeSystem>

const failing =
  (program: string, stderr: string, exitCode = 1): Script =>
  name =>
    name === program ? { exitCode, stderr } : {}

const keyFiles = ({ tree }: Fake) =>
  [...tree.keys()].filter(path => path.startsWith('/run/cephflex/keyrings/'))

const fails = async (
  fake: Fake,
  code: ErrorCode,
  changes: Parameters<typeof request>[0] = {},
): Promise<CephflexError> => {
  const error = await mountVolume(request(changes), fake.system).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof CephflexError)) throw error ?? new Error('it mounted')
  t.equal(error.code, code, `${code}: ${error.message}`)
  t.strictSame(keyFiles(fake), [], `${code}: no key file is left`)
  t.strictSame(fake.table, [], `${code}: nothing is mounted`)
  t.strictSame(
    [...fake.tree.keys()].filter(path => path.startsWith('/run/cephflex/state/')),
    [],
    `${code}: no state`,
  )
  t.strictSame(fake.locks.at(-1), 'release', `${code}: the lock is released`)
  return error
}

/** A clock that also counts what `pass` adds, until the end of the test. */
const fakeClock = (t: Test) => {
  const { hrtime } = process
  let passedMs = 0
  process.hrtime = Object.assign((earlier?: [number, number]) => {
    const [seconds, nanoseconds] = hrtime(earlier)
    return [seconds + Math.floor(passedMs / 1000), nanoseconds + (passedMs % 1000) * 1e6] as [number, number]
  }, hrtime)
  t.teardown(() => {
    process.hrtime = hrtime
  })
  return {
    pass: (ms: number): void => {
      passedMs += ms
    },
    passedMs: () => passedMs,
    reset: () => {
      passedMs = 0
    },
  }
}

t.test('FUSE first', async t => {
  const fake = nodeWith()
  t.match(await mountVolume(request(), fake.system), { client: 'fuse', already: false })
  t.match(fake.commands(), [/^ceph-fuse --id admin -k \/run\/cephflex\/keyrings\//], 'only ceph-fuse is run')
  t.strictSame(keyFiles(fake), [])
})

t.test('a node without ceph-fuse uses the kernel', async t => {
  const fake = nodeWith(undefined, { executables: ['/usr/bin/mount', '/usr/sbin/mount.ceph'] })
  t.match(await mountVolume(request(), fake.system), { client: 'kernel', fellBackFrom: { code: 'ENOFUSE' } })
})

t.test('an explicit choice is never replaced', async t => {
  const noFuse = nodeWith(undefined, { executables: ['/usr/bin/mount'] })
  const error = await fails(noFuse, 'ENOFUSE', { mounter: 'fuse' })
  t.match(
    error.message,
    /mount\.fuse\.ceph .*, ceph-fuse is not installed/,
    'each missing part has its reason',
  )
  t.strictSame(noFuse.commands(), [], 'and nothing is run')
  const noKernel = nodeWith(failing('mount', "unknown filesystem type 'ceph'", 32))
  await fails(noKernel, 'ENOKERNEL', { mounter: 'kernel' })
  t.strictSame(noKernel.commands('ceph-fuse'), [])
})

t.test('the kernel client is tried if the cluster did not answer', async t => {
  const texts: [string, string, boolean][] = [
    ['fuse: unknown option(s): `-o x`', 'EOPTION', true],
    ['fuse: device not found', 'ENOFUSE', true],
    ['already_fuse_mounted: statx', 'EVERSION', true],
    ['something new', 'EMOUNT', true],
    ['ceph mount failed with (2) No such file or directory', 'ENOPATH', false],
    ["mds.0 rejected us (non-allowable root '/')", 'EDENIED', false],
    ['authentication failed: (13) Permission denied', 'EREFUSED', false],
    ['ceph mount failed with (13) Permission denied', 'EDENIED', false],
    ['mdsmap subscription failed: (2)', 'ENOFS', false],
  ]
  for (const [stderr, code, falls] of texts) {
    const fake = nodeWith(failing('ceph-fuse', stderr))
    if (falls)
      t.match(await mountVolume(request(), fake.system), { client: 'kernel', fellBackFrom: { code } }, stderr)
    else await fails(fake, code as ErrorCode)
    t.equal(
      fake.commands('mount').length,
      falls ? 1 : 0,
      `${code}: the kernel is ${falls ? '' : 'not '}tried`,
    )
  }
})

t.test('both clients fail: both reasons are reported', async t => {
  const fake = nodeWith(program => {
    if (program === 'ceph-fuse') return { exitCode: 33, stderr: 'fuse: unknown option' }
    return program === 'mount' ? { exitCode: 32, stderr: 'mount error 2 = No such file or directory' } : {}
  })
  const { message } = await fails(fake, 'ENOPATH')
  t.match(message, /^fuse: .*unknown option.*; kernel: .*does not exist/)
})

t.test('a client that crashes', async t => {
  const fake = nodeWith(program =>
    program === 'ceph-fuse' ? { exitCode: undefined, signal: 'SIGSEGV' } : {},
  )
  const { message } = await fails(fake, 'EMOUNT', { mounter: 'fuse' })
  t.match(message, 'ceph-fuse was ended by SIGSEGV')
})

t.test('exit code 0 is not taken as success', async t => {
  const nothing = nodeWith(program => (program === 'ceph-fuse' ? { stdout: ' ' } : {}))
  await fails(nothing, 'ENOMOUNT', { mounter: 'fuse' })
  for (const [result, code] of [
    [{ timedOut: true, exitCode: undefined }, 'EDEAD'],
    [{ exitCode: 1, stderr: "stat: cannot statx 'x': Input/output error" }, 'ENOTDIR'],
    [{ exitCode: 1, stderr: "stat: cannot statx 'x': Transport endpoint is not connected" }, 'EDEAD'],
    [{ stdout: 'regular file\n' }, 'ENOTDIR'],
  ] as const) {
    const fake = nodeWith(program => (program === 'stat' ? result : {}))
    await fails(fake, code, { mounter: 'fuse' })
    t.match(fake.killed, [/^group/], 'the daemon is ended')
    t.equal(fake.table.length, 0)
  }
})

t.test('a client without a usable mount closes its session before it is killed', async t => {
  const killedBefore: number[] = []
  const fake = nodeWith(program => {
    if (program === 'umount') killedBefore.push(fake.killed.length)
    return program === 'stat' ? { stdout: 'regular file\n' } : {}
  })
  await fails(fake, 'ENOTDIR', { mounter: 'fuse' })
  t.equal(killedBefore[0], 0, 'it is detached first: the session of a killed client lasts for a minute')
  t.match(fake.killed, [/^group/])
})

t.test('a wrong key is verified, not guessed', async t => {
  const silent = 'failed to fetch mon config (--no-mon-config to skip)'
  const asked = (answer: string) =>
    nodeWith((program, argv) => {
      if (program !== 'ceph-fuse') return {}
      return { exitCode: 1, stderr: argv.includes('--no-mon-config') ? answer : silent }
    })
  await fails(asked('ceph mount failed with (13) Permission denied'), 'EREFUSED')
  await fails(asked('ceph mount failed with (110) Connection timed out'), 'ENOANSWER', { mounter: 'fuse' })
  const late = nodeWith(program =>
    program === 'ceph-fuse' ? { exitCode: 1, stderr: silent, ms: 99_000 } : {},
  )
  await fails(late, 'ENOANSWER', { mounter: 'fuse' })
  t.equal(late.commands('ceph-fuse').length, 1, 'a client that used all its time is not started again')
})

t.test('monitors that did not answer are named', async t => {
  const killed: Script = program =>
    program === 'ceph-fuse' ? { exitCode: undefined, timedOut: true, ms: 9_000 } : {}
  const dead = nodeWith(killed, { probe: () => 'refused' })
  t.match((await fails(dead, 'ENOANSWER', { mounter: 'fuse' })).message, '10.0.0.1:6789 refused')
  const alive = nodeWith(killed, { probe: () => undefined })
  t.match((await fails(alive, 'ETIMEOUT', { mounter: 'fuse' })).message, 'every monitor accepts connections')
})

t.test('a diagnosis stays within the time of the call', async t => {
  const silent = 'failed to fetch mon config (--no-mon-config to skip)'
  const wrongKey = (): Fake =>
    nodeWith((program, argv) => {
      if (program !== 'ceph-fuse') return {}
      const refusal = 'ceph mount failed with (13) Permission denied'
      return { exitCode: 1, stderr: argv.includes('--no-mon-config') ? refusal : silent }
    })
  const proofOf = ({ calls }: Fake) => {
    const proof = calls.find(({ argv }) => argv.includes('--no-mon-config'))
    return [proof?.argv.find(flag => flag.startsWith('--client_mount_timeout')), proof?.options.timeoutMs]
  }
  const usual = wrongKey()
  await fails(usual, 'EREFUSED', { mounter: 'fuse' })
  t.strictSame(proofOf(usual), ['--client_mount_timeout=4', 5_000], 'usually the check has 4 s')
  const short = wrongKey()
  await fails(short, 'EREFUSED', { mounter: 'fuse', timeoutS: 5 })
  t.strictSame(proofOf(short), ['--client_mount_timeout=2', 3_000], 'with 5 s left, it has less')
  const late = wrongKey()
  const { message } = await fails(late, 'ENOANSWER', { mounter: 'fuse', timeoutS: 2 })
  t.equal(late.commands('ceph-fuse').length, 1, 'with 2 s left ceph-fuse is not started again')
  t.match(
    message,
    `every monitor accepts connections; ceph-fuse reported: ${silent}`,
    'and the reason is its output',
  )
})

t.test('a client that took all the time of the call: a monitor that refuses is still named', async t => {
  const clock = fakeClock(t)
  // killed at its limit, it takes another second to end, on a node that is slow
  const slow: Script = (program, _, { timeoutMs }) => {
    if (program !== 'ceph-fuse') return {}
    clock.pass(timeoutMs + 1_000 + 1_200)
    return { exitCode: undefined, timedOut: true, ms: timeoutMs }
  }
  const call = { mounter: 'fuse', timeoutS: 6 } as const
  const refused = nodeWith(slow, { probe: () => 'refused' })
  t.match(
    (await fails(refused, 'ENOANSWER', call)).message,
    /^ceph-fuse was killed.*10\.0\.0\.1:6789 refused$/,
  )
  const silent = nodeWith(slow, { probe: () => 'no answer' })
  t.match(
    (await fails(silent, 'ETIMEOUT', call)).message,
    /^ceph-fuse was killed after \d s$/,
    'one that has not answered in the rest of the time may be slow: nothing is said about it',
  )
})

/** Programs that all use their whole time: each succeeds, fails or is killed at its last moment. */
const slowest =
  (pass: (ms: number) => void): Script =>
  (program, argv, { timeoutMs }) => {
    const killed = () => {
      pass(timeoutMs)
      return { exitCode: undefined, timedOut: true, ms: timeoutMs }
    }
    const late = (ms: number, result: ReturnType<Script>) => {
      pass(ms - 10)
      return { ms: ms - 10, ...result }
    }
    if (program === 'getent') return late(timeoutMs, { stdout: '10.0.0.1 STREAM a\n' })
    const giveUpS = Number(/--client_mount_timeout=(\d+)/.exec(argv.join(' '))?.[1])
    if (program === 'ceph-fuse' && giveUpS * 1000 < timeoutMs && !argv.includes('--no-mon-config'))
      // the last moment at which the key is still checked
      return late(giveUpS * 1000, { exitCode: 1, stderr: 'failed to fetch mon config' })
    return ['ceph-fuse', 'systemd-run', 'mount', 'dmesg'].includes(program) ? killed() : {}
  }

t.test('a call whose programs all use their whole time limit', async t => {
  const clock = fakeClock(t)
  const probe = (_host: string, _port: number, timeoutMs: number) => {
    clock.pass(timeoutMs)
    return 'refused'
  }
  const tree = { ...EMPTY_TARGET, '/run/systemd': 'directory', '/run/systemd/system': 'directory' } as const
  const named = { monitors: [{ host: 'a', port: 6789 }], fsName: 'b' }
  for (const mounter of ['fuse', 'kernel', 'auto'] as const)
    for (const timeoutS of [5, 6, 8, 10, 15, 30, 110]) {
      clock.reset()
      const fake = nodeWith(slowest(clock.pass), { probe, tree })
      await t.rejects(mountVolume(request({ mounter, timeoutS, ...named }), fake.system), {
        message: /killed|reported/,
      })
      const passedMs = clock.passedMs()
      t.ok(passedMs <= (timeoutS + 2) * 1000, `${mounter}, ${timeoutS} s: it took ${passedMs} ms`)
    }
})

t.test('a mount of another program that appears at the same time and hangs', async t => {
  const clock = fakeClock(t)
  const hung: Script = (program, _, { timeoutMs }) => {
    if (program === 'stat') clock.pass(timeoutMs)
    if (program === 'stat') return { exitCode: undefined, timedOut: true, ms: timeoutMs }
    if (program !== 'ceph-fuse') return {}
    fake.table.push(mountLine('/mnt/other', 'fuse.ceph-fuse', 300))
    return { exitCode: 1, stderr: 'mount failed with (2)' }
  }
  const fake: Fake = nodeWith(hung)
  await t.rejects(mountVolume(request({ mounter: 'fuse', timeoutS: 8 }), fake.system), { code: 'ENOPATH' })
  t.ok(clock.passedMs() <= 8_000, `it does not keep the call beyond its deadline: ${clock.passedMs()} ms`)
  t.strictSame(fake.commands('umount'), [], 'and is left alone')
})

t.test('a signal ends it: no second client', async t => {
  const fake = nodeWith(program =>
    program === 'ceph-fuse' ? { exitCode: undefined, interrupted: true } : {},
  )
  await fails(fake, 'EINTERRUPTED')
  t.strictSame(fake.commands('mount'), [])
})

t.test('a scope for each ceph-fuse where systemd runs', async t => {
  const tree = { ...EMPTY_TARGET, '/run/systemd/system': 'directory' } as const
  const script =
    (works: boolean, fake: () => Fake): Script =>
    (program, argv) => {
      if (program !== 'systemd-run') return {}
      if (argv.includes('ceph-fuse')) fake().table.push(mountLine(TARGET, 'fuse.ceph-fuse'))
      return { exitCode: works ? 0 : 1, stdout: ' ' }
    }
  for (const works of [true, false]) {
    const fake: Fake = nodeWith(
      script(works, () => fake),
      { tree },
    )
    await mountVolume(request(), fake.system)
    t.match(fake.commands()[0], /^systemd-run --scope --quiet --collect -- true/, 'scopes are probed once')
    t.match(fake.commands()[1], works ? /^systemd-run .* ceph-fuse --id/ : /^ceph-fuse --id/)
    t.match(
      fake.tree.get('/run/cephflex/scope'),
      { text: `${BOOT} ${works ? 'yes' : 'no'}\n` },
      'and remembered',
    )
  }
})

t.test('after a call that was killed', async t => {
  const fake = nodeWith(undefined, { abandonedBy: { pid: 9, startTime: '1', call: 'mount', since: 'then' } })
  const stray = {
    pid: 77,
    startTime: '5',
    name: 'ceph-fuse',
    state: 'S',
    group: 70,
    argv: ['ceph-fuse', TARGET],
  }
  fake.running.push(
    stray,
    { ...stray, pid: 78, argv: ['ceph-fuse', '/pods/b/data'] },
    { ...stray, pid: 79, name: 'bash' },
  )
  fake.tree.set('/run/cephflex/keyrings', 'directory').set('/run/cephflex/keyrings/9.1.abc', { text: 'key' })
  const [halfWritten, other] = ['/run/cephflex/scope.9', '/run/cephflex/scope.99']
  fake.tree.set(halfWritten, { text: '' }).set(other, { text: '' })
  await mountVolume(request(), fake.system)
  t.notOk(fake.tree.has(halfWritten), 'its half-written file is removed')
  t.ok(fake.tree.has(other), 'files of other calls are kept')
  t.strictSame(fake.killed, ['77 SIGKILL'], 'only the process it started for this target is killed')
  t.strictSame(keyFiles(fake), [], 'its key file is removed')
})

t.test('the directory of a 1.5 call is created, and removed if the mount fails', async t => {
  const fake = nodeWith(failing('ceph-fuse', 'mount failed with (2)'), { tree: {} })
  await t.rejects(mountVolume(request({}, true), fake.system), { code: 'ENOPATH' })
  t.notOk(fake.tree.has(TARGET))
  await t.rejects(
    mountVolume(request(), fake.system),
    { code: 'ENOTARGET' },
    'for any other call it must exist',
  )
})

t.test('names of monitors are resolved before they are used', async t => {
  const monitors = [{ host: 'mon.example', port: 6789 }]
  const fake = nodeWith(program =>
    program === 'getent' ? { stdout: '10.1.1.1 STREAM mon\n10.1.1.1 DGRAM\n10.1.1.2 STREAM\n' } : {},
  )
  await mountVolume(request({ monitors }), fake.system)
  t.match(fake.commands('ceph-fuse')[0], ' -m v1:10.1.1.1:6789,v1:10.1.1.2:6789 ')
  await fails(nodeWith(failing('getent', '', 2)), 'ENOHOST', { monitors, mounter: 'fuse' })
})

t.test('a second client gets what the call has found out', async t => {
  const asked: string[] = []
  const script: Script = program => {
    if (program === 'getent') return { stdout: '10.1.1.1 STREAM mon\n' }
    return program === 'ceph-fuse' ? { exitCode: 1, stderr: 'fuse: unknown option' } : {}
  }
  const fake = nodeWith(script, {
    tree: { ...EMPTY_TARGET, '/keys': 'directory', '/keys/a': { text: `${KEY}\n` } },
    config: { secretDirectories: ['/keys'] },
    probe: (host, port) => {
      asked.push(`${host}:${port}`)
      return undefined
    },
  })
  let keyReads = 0
  const { readBytes } = fake.system.files
  fake.system.files.readBytes = path => {
    keyReads += 1
    return readBytes(path)
  }
  const monitors = [{ host: 'mon.example', port: 7000 }, { host: '10.1.1.2' }]
  const credential = { from: 'file', path: '/keys/a' } as const
  t.match(await mountVolume(request({ monitors, credential }), fake.system), { client: 'kernel' })
  t.equal(fake.commands('getent').length, 1, 'the name is resolved once')
  t.strictSame(
    asked,
    ['10.1.1.1:7000', '10.1.1.2:3300', '10.1.1.2:6789'],
    'each port is asked once, and only by the client that needs its protocol',
  )
  t.equal(keyReads, 1, 'the key file is read once')
  t.match(fake.commands('mount')[0], ' 10.1.1.1:7000,', 'and the kernel client mounts with that')
})

t.test('secretFile', async t => {
  const tree = {
    ...EMPTY_TARGET,
    '/keys': 'directory',
    '/keys/a': { text: `${KEY}\n` },
    '/etc': 'directory',
    '/etc/shadow': { text: 'root' },
    '/keys/link': { link: '/etc/shadow' },
    '/keys/dir': 'directory',
    '/keys/big': { text: 'x'.repeat(70_000) },
  } as const
  const mount = (path: string) => {
    const fake = nodeWith(undefined, { tree, config: { secretDirectories: ['/keys'] } })
    return mountVolume(request({ mounter: 'fuse', credential: { from: 'file', path } }), fake.system)
  }
  t.match(await mount('/keys/a'), { client: 'fuse' })
  for (const path of ['/etc/shadow', '/keys/link', '/keys/dir', '/keys/big', '/keys/missing', '/nowhere'])
    await t.rejects(
      mount(path),
      { code: 'EBADKEY', message: /^secretFile \S+ is not a readable file below/ },
      path,
    )
})

t.test('no root, no mount', async t => {
  await t.rejects(mountVolume(request(), fakeSystem({ isRoot: false }).system), { code: 'ENOTROOT' })
  t.equal(`${new Secret(KEY)}`, '<masked>')
})

t.test('the mount is undone if fsGroup cannot be set', async () => {
  const fake = nodeWith(failing('chgrp', 'chgrp: changing group: Operation not permitted'))
  await fails(fake, 'EFSGROUP', { fsGroup: 42, fsGroupPolicy: 'root' })
})
