// Whatever a call inherits - variables, descriptors - it prints one JSON object, and mounts the same volume.
import { execa } from 'execa'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { DRIVER, makeNode, NOTHING } from '../../lab/node.js'
import { asItIs } from '../../support/coverage.js'
import { base64 } from '../../support/volumes.js'

const SUCCESS = '{"status":"Success"}'

/** Each would change something if it were believed. */
const VARIABLES = {
  NODE_DEBUG: 'child_process,fs,net,stream,timer',
  // Node.js itself fails here; the packaged binary does not read it
  ...(DRIVER.endsWith('.js') ? {} : { NODE_CHANNEL_FD: '77' }),
  NODE_UNIQUE_ID: '1',
  NODE_PENDING_DEPRECATION: '1',
  CEPH_ARGS: '--no-such-option --id nobody',
  CEPH_CONF: '/no/such/ceph.conf',
  CEPH_KEYRING: '/no/such/keyring',
  BASH_ENV: '/no/such/script',
  ENV: '/no/such/script',
  LC_ALL: 'de_DE.UTF-8',
  LANGUAGE: 'de',
  TZ: 'No/Where',
  LD_BIND_NOW: '1',
  LD_LIBRARY_PATH: '/no/such/libraries',
  LIBMOUNT_DEBUG: 'all',
  LIBMOUNT_FSTAB: '/no/such/fstab',
  POSIXLY_CORRECT: '1',
  TMPDIR: '/no/such/directory',
  HOME: '/no/such/home',
}

/** What a careless parent passes on: `$@` is the call. */
const DESCRIPTORS: Readonly<Record<string, string>> = {
  'no stdin, and a stderr that is closed': 'exec "$@" <&- 2>&-',
  'a stdin that never ends, and other files':
    'f=$(mktemp -u); mkfifo $f; exec 0<>$f; rm $f; exec 7</dev/zero 8>/dev/full 9<>/dev/null; exec "$@"',
  'the stdin is a directory': 'exec "$@" </',
  'no file may grow, few may be open': 'ulimit -f 0; ulimit -n 256; exec "$@"',
}

t.test('what a call inherits', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const target = node.target()
  const volume = JSON.stringify({
    monitors: cluster.monitors,
    mounter: 'fuse',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  })
  const run = async (env: Record<string, string>, script: string, ...args: string[]) => {
    const options = {
      env: { ...node.environment, ...env },
      all: true,
      reject: false,
      timeout: 50_000,
    } as const
    const { all, exitCode } = await execa(...asItIs('sh', ['-c', script, 'sh', DRIVER, ...args]), options)
    return `${exitCode} ${all}`
  }

  t.equal(await run(VARIABLES, 'exec "$@"', 'mount', target, volume), `0 ${SUCCESS}`, 'mount: variables')
  t.equal(node.mountsOn(target).length, 1)
  t.equal(await run(VARIABLES, 'exec "$@"', 'unmount', target), `0 ${SUCCESS}`, 'unmount: variables')
  for (const [what, script] of Object.entries(DESCRIPTORS)) {
    t.equal((await node.mount(target, JSON.parse(volume))).reply.status, 'Success')
    t.equal(await run({}, script, 'unmount', target), `0 ${SUCCESS}`, `unmount: ${what}`)
    t.strictSame(node.mountsOn(target), [])
  }
  t.strictSame(await node.settled(), NOTHING)
})
