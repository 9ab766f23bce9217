import { mkdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { makeNode } from '../../lab/node.js'
import { cephflex, inNamespace, PROGRAM, resultsOf } from '../../support/cli.js'

type Expected = { status: string; message: RegExp; fix?: RegExp }

const hide = (path: string) => `mount --bind /dev/null ${path}`
/** A /dev without fuse, as a container has it. */
const BARE_DEV = 'mount -t tmpfs dev /dev; mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/urandom c 1 9'
const PLUGINS = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec'
const DRIVER = `${PLUGINS}/cephflex~cephfs/cephfs`
const OWN_PLUGINS = `mkdir -p /usr/libexec; mount -t tmpfs x /usr/libexec; mkdir -p ${PLUGINS}/cephflex~cephfs`
const INSTALLED = `${OWN_PLUGINS}; printf '#!/bin/sh\\nexec "%s" "$@"\\n' "$0" >${DRIVER}; chmod 755 ${DRIVER}`
/** A shell with the name and flags of a kubelet: doctor finds it as one. */
const KUBELET =
  'cp /bin/sh /run/kubelet; /run/kubelet -c "sleep 30; :" --volume-plugin-dir=/run/plugins & sleep 0.2'
const FUSECTL = '/sys/fs/fuse/connections'

/** Changes to the program's view of the node, and the expected results. */
const NODES: readonly { title: string; prepare: string; code: number; expected: Record<string, Expected> }[] =
  [
    {
      title: 'everything is installed',
      prepare: `${INSTALLED}; mountpoint -q ${FUSECTL} || mount -t fusectl x ${FUSECTL}`,
      code: 0,
      expected: {
        root: { status: 'pass', message: /root/ },
        config: { status: 'pass', message: /is valid/ },
        client: { status: 'pass', message: /^ceph-fuse .*can be used/ },
        'ceph-fuse': { status: 'pass', message: /ceph-fuse, version \d+\./ },
        'mount.fuse.ceph': { status: 'pass', message: /mount\.fuse\.ceph$/ },
        '/dev/fuse': { status: 'pass', message: /can be opened/ },
        fusectl: { status: 'pass', message: /aborted/ },
        'mount.ceph': { status: 'pass', message: /mount\.ceph$/ },
        glibc: { status: 'pass', message: /^glibc 2\.\d+$/ },
        clock: { status: 'pass', message: /clock/ },
        'plugin-directory': { status: 'pass', message: new RegExp(`^${PLUGINS}`) },
        driver: { status: 'pass', message: /answers$/ },
        'run-directory': { status: 'pass', message: /can be written$/ },
        'log-directory': { status: 'pass', message: /can be written$/ },
        keyrings: { status: 'pass', message: /no key/ },
      },
    },
    {
      title: 'no ceph-fuse, and a broken driver',
      prepare: `${OWN_PLUGINS}; : >${DRIVER}; ${hide('/usr/bin/ceph-fuse')}; ${hide('/usr/bin/getconf')}`,
      code: 2,
      expected: {
        client: { status: 'fail', message: /^neither ceph-fuse nor/ },
        'ceph-fuse': { status: 'fail', message: /not installed/, fix: /install -y ceph-fuse/ },
        glibc: { status: 'warn', message: /^unknown: getconf cannot be started/ },
        driver: { status: 'fail', message: /does not answer/ },
      },
    },
    {
      title: 'a ceph-fuse that does not run, and a read-only plugin directory',
      prepare: `${OWN_PLUGINS}; rmdir ${PLUGINS}/*; mount -o remount,ro /usr/libexec
      mount --bind /bin/false /usr/bin/ceph-fuse; umount -l ${FUSECTL} 2>/dev/null || :`,
      code: 2,
      expected: {
        'ceph-fuse': { status: 'fail', message: /ceph-fuse does not run/ },
        fusectl: { status: 'warn', message: /not mounted/, fix: /mount -t fusectl/ },
        'plugin-directory': { status: 'warn', message: /is not writable/, fix: /findmnt/ },
        driver: { status: 'fail', message: /no cephflex driver/, fix: /install\.sh/ },
      },
    },
    {
      // Node.js does not run with such a glibc, so a fake getconf reports one
      title: 'an old glibc',
      prepare: `printf '#!/bin/sh\\necho glibc 2.17\\n' >/run/getconf; chmod 755 /run/getconf
      mount --bind /run/getconf /usr/bin/getconf; rm /run/getconf`,
      code: 2,
      expected: { glibc: { status: 'fail', message: /2\.17 is older than 2\.28/, fix: /newer/ } },
    },
    {
      title: 'a kubelet with another plugin directory',
      prepare: `mount -t tmpfs x /run; ${KUBELET}`,
      code: 2,
      expected: {
        kubelet: { status: 'pass', message: /process \d+/ },
        'plugin-directory': {
          status: 'fail',
          message: /\/run\/plugins .*--volume-plugin-dir.* does not exist/,
          fix: /mkdir/,
        },
        driver: { status: 'fail', message: /no cephflex driver is installed in \/run\/plugins/ },
      },
    },
    {
      title: 'a container: no device, no helpers, no memory for keys',
      prepare: `${BARE_DEV}; ${hide('/usr/sbin/mount.fuse.ceph')}; ${hide('/usr/sbin/mount.ceph')}`,
      code: 2,
      expected: {
        client: { status: 'fail', message: /^neither/ },
        'mount.fuse.ceph': { status: 'fail', message: /is not in/ },
        '/dev/fuse': { status: 'fail', message: /ENOENT/, fix: /modprobe fuse/ },
        fusectl: { status: 'skip', message: /cannot be used/ },
        'mount.ceph': { status: 'skip', message: /cannot be used/ },
        keyrings: { status: 'fail', message: /tmpfs/ },
      },
    },
  ]

t.test('the node', async t => {
  const env = makeNode(t).environment
  for (const { title, prepare, code, expected } of NODES)
    await t.test(title, async t => {
      const run = await inNamespace(prepare, ['doctor', '--json'], { env })
      const results = resultsOf(run)
      for (const [id, result] of Object.entries(expected)) {
        t.match(results[id], result, `${id}: ${results[id]?.status}: ${results[id]?.message}`)
        if (result.status === 'warn' || result.status === 'fail') t.ok(results[id]?.fix, 'and a fix')
      }
      t.equal(run.code, code, 'the exit code is that of the worst result')
    })
})

t.test('a clock that is slow', async t => {
  const node = makeNode(t)
  // the program file is from the future, as it appears to a node whose clock is slow
  const prepare = `cp -a ${process.cwd()}/dist ${node.dir}/program; touch -d '+3 days' ${node.dir}/program/bin/cephflex.js
    ln -s ${process.cwd()}/node_modules ${node.dir}/node_modules; set -- "$@"; exec ${node.dir}/program/bin/cephflex.js "$@"`
  const run = await inNamespace(prepare, ['doctor', '--json', '--check', 'clock'], { env: node.environment })
  t.match(resultsOf(run)['clock'], {
    status: 'fail',
    message: /before this program was installed/,
    fix: /timedatectl/,
  })
})

t.test('leftovers of calls', async t => {
  const node = makeNode(t)
  const env = node.environment
  const ask = async (check: string) =>
    resultsOf(await cephflex(['doctor', '--json', '--check', check], { env }))[check]
  t.match(await ask('keyrings'), { status: 'pass' })
  mkdirSync(node.keyrings, { recursive: true, mode: 0o700 })
  writeFileSync(`${node.keyrings}/999999.1.abc`, 'a key')
  const stale = await ask('keyrings')
  t.match(stale, {
    status: 'warn',
    message: /1 key file left behind by a killed call/,
    fix: `rm -f ${node.keyrings}/999999.1.abc`,
  })
  await cephflex(['-c', stale?.fix ?? 'false'], { program: 'sh' })
  t.match(await ask('keyrings'), { status: 'pass' }, 'the fix is a command, and it works')
})

t.test('people', async t => {
  const node = makeNode(t)
  const env = node.environment
  const all = await cephflex(['doctor'], { env })
  t.match(all.out, /^(pass|warn|fail|skip) {2}root/m, 'one line for each check')
  t.match(all.out, /\d+ pass, \d+ warn, \d+ fail, \d+ skip$/, 'and the number of each')
  t.notMatch(all.out, '\u001B', 'no colours without a terminal')
  t.match(await cephflex(['doctor', '--check', 'fusectll'], { env }), {
    code: 1,
    err: /there is no check "fusectll": did you mean "fusectl"\?/,
  })
  const unprivileged = await cephflex(['--reuid=65534', '--clear-groups', PROGRAM, 'doctor', '--json'], {
    env,
    program: 'setpriv',
  })
  t.match(unprivileged, { code: 2 }, 'without root it fails')
  t.match(resultsOf(unprivileged)['root'], { status: 'fail', fix: 'sudo cephflex doctor' })
  writeFileSync(node.configFile, '{"timeoutSeconds": "soon"}')
  const broken = await cephflex(['doctor', '--json', '--check', 'config'], { env })
  const message = new RegExp(`^${node.configFile}: .*timeoutSeconds`)
  t.match(resultsOf(broken)['config'], { status: 'fail', code: 'EBADCONFIG', message })
  const { reply } = await node.call('mount', node.target(), '{}')
  t.match(reply.message, `EBADCONFIG: ${node.configFile}: timeoutSeconds`)
  t.match(reply.message, `correct "timeoutSeconds" in ${node.configFile} on this node`)
})

t.test('in a container, as the DaemonSet installs: what cannot be checked there is no failure', async t => {
  const node = makeNode(t)
  const dir = t.testdir()
  // another PID namespace than /proc, one capability, and a device that may not be opened
  const container = `mount -t tmpfs -o nodev x ${dir}; mknod -m 666 ${dir}/fuse c 10 229
    mount --bind ${dir}/fuse /dev/fuse
    mount -t tmpfs x /run; mkdir -p /run/systemd/system
    exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+sys_chroot "$0" "$@"`
  const flags = ['-m', '-p', '-f', '--kill-child', '--propagation', 'private']
  const inContainer = (...more: string[]) =>
    cephflex([...flags, ...more, 'sh', '-ec', container, PROGRAM, 'doctor', '--json'], {
      program: 'unshare',
      env: node.environment,
    })
  const results = resultsOf(await inContainer())
  t.match(results, {
    client: { status: 'skip', message: /ceph-fuse is installed; this container may not open/ },
    '/dev/fuse': { status: 'skip', message: /says nothing about the node/ },
    'kernel-module': { status: /pass|skip/ },
    'systemd-scope': { status: 'skip', message: /cannot be tried in a container/ },
  })
  // a kubelet and its volumes are those of this machine
  const ofNode = ['plugin-directory', 'driver', 'mounts', 'orphans']
  const bad = Object.values(results).filter(
    ({ status, message }) => status === 'fail' || /unexpected/.test(message),
  )
  t.strictSame(
    bad.filter(({ id }) => !ofNode.includes(id)),
    [],
  )
  const own = resultsOf(await inContainer('--mount-proc'))
  t.match(own['/dev/fuse'], { status: 'fail', message: /EACCES/ }, 'with a kubelet of its own it counts')
})
