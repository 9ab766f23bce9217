import { fail, pass, skip, type Verdict, warn } from './check.js'
import { CLIENT_CHECKS, type NodeCheck } from './clients.js'
import type { NodeFacts } from './node-facts.js'

/** Node.js 20 to 24 are built for glibc 2.28, Bun for 2.17: the second number. */
const OLDEST_LIBC = { node: 28, bun: 17 } as const
/** Bun aborts with larger pages. */
const MOST_PAGE = 16_384
/** A clock that is this far behind the build of this program is wrong. */
const DAY_MS = 86_400_000
const MAX_NAMES = 3
/** What is wrong with a mount, in the order of the report. */
const UNHEALTHY = ['hung', 'dead', 'evicted', 'broken'] as const

/** Every check of the node by name, in the order of the report. To add one: a fact in node-facts.ts, a row here. */
export const NODE_CHECKS: Readonly<Record<string, NodeCheck>> = {
  root,
  config,
  ...CLIENT_CHECKS,
  programs,
  engine,
  glibc: libc,
  clock,
  kubelet,
  propagation,
  'plugin-directory': pluginDirectory,
  driver,
  'run-directory': runDirectory,
  'log-directory': logDirectory,
  keyrings,
  mounts,
  orphans,
}

function root({ isRoot }: NodeFacts): Verdict {
  return isRoot ? pass('running as root') : fail('mounting requires root', 'sudo cephflex doctor', 'ENOTROOT')
}

function config({ configProblem }: NodeFacts): Verdict {
  return configProblem === undefined
    ? pass('the node configuration is valid')
    : fail(configProblem, 'correct the file named in the message', 'EBADCONFIG')
}

function programs({ programs: list }: NodeFacts): Verdict {
  const missing = list.filter(({ path }) => path === undefined)
  const needed = missing.filter(({ need }) => need === 'always')
  const judged = needed.length > 0 ? needed : missing.filter(({ need }) => need === 'sometimes')
  const all = list.map(({ name, path }) => path ?? `${name} (missing)`).join(', ')
  if (judged.length === 0) return pass(`what calls may start: ${all}`)
  const text = judged.map(({ name, uses }) => `${name}, for ${uses}`).join('; ')
  const message = `not installed: ${text}. What calls may start: ${all}`
  const fix = 'install the packages that contain them (coreutils, mount, libc-bin, e2fsprogs, util-linux)'
  return needed.length > 0 ? fail(message, fix, 'ENOTOOL') : warn(message, fix)
}

function engine({ engine: { id, name, pageSize, installed } }: NodeFacts): Verdict {
  const chosen = installed.map(each => `${each.driver} was installed with ${each.engine}: ${each.why}`)
  if (chosen.length > 0) return pass(`${name} runs this program; ${chosen.join('; ')}`)
  if (id === 'bun')
    return pass(`${name} runs this program: install.sh takes it where it works, since it starts faster`)
  if (pageSize > MOST_PAGE)
    return pass(
      `${name} runs this program: with pages of ${pageSize / 1024}K, as this kernel has, Bun does not work`,
    )
  return pass(
    `${name} runs this program; "sh install.sh --engine bun" says whether Bun, which starts faster, works here`,
  )
}

function libc({ libc: version, engine: { id } }: NodeFacts): Verdict {
  const oldest = `2.${OLDEST_LIBC[id]}`
  if (version === undefined)
    return warn('this system has no glibc', `use a system with glibc ${oldest} or newer`)
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNew = major > 2 || (major === 2 && minor >= OLDEST_LIBC[id])
  return isNew
    ? pass(`glibc ${version}`)
    : fail(`glibc ${version} is older than ${oldest}`, 'run the driver on a newer system')
}

function clock({ clock: { nowMs, builtMs, synchronised } }: NodeFacts): Verdict {
  if (nowMs < builtMs - DAY_MS)
    return fail(
      `the clock shows ${new Date(nowMs).toISOString()}, which is before this program was installed: the cluster would refuse tickets`,
      'timedatectl set-ntp true',
    )
  if (synchronised === false)
    return warn(
      'the clock is not synchronised: Ceph refuses tickets if it drifts',
      'timedatectl set-ntp true',
    )
  return pass(synchronised ? 'the clock is synchronised' : 'the clock is plausible')
}

function kubelet({ kubelet: { pid, version, rootDir } }: NodeFacts): Verdict {
  if (pid === undefined) return skip('no kubelet is running on this node')
  return pass(
    `the kubelet is running, process ${pid}${version ? `, ${version}` : ''}, root directory ${rootDir}`,
  )
}

function propagation({ propagation: fact, mounts: list }: NodeFacts): Verdict {
  const hidden = list.filter(({ health }) => health === 'hidden').map(({ target }) => target)
  const fix =
    'remove MountFlags, PrivateTmp and PrivateMounts from the unit of the kubelet, or mount its root directory into its container at the same path with propagation rshared; then restart it'
  if (hidden.length > 0)
    return fail(
      `the container runtime does not see ${some(hidden)}`,
      `${fix}, and delete the pods`,
      'EHIDDEN',
    )
  if (fact === undefined) return skip('no kubelet is running on this node')
  if (fact.reaches === undefined) return skip(`unknown: ${fact.why}`)
  return fact.reaches ? pass(fact.why) : fail(fact.why, fix, 'EHIDDEN')
}

function pluginDirectory({ plugin: { directory, foundBy, exists, writable }, kubelet }: NodeFacts): Verdict {
  if (!exists && kubelet.pid === undefined)
    return skip(`${directory} does not exist, and no kubelet is running on this node`)
  if (!exists)
    return fail(`${directory} (${foundBy}) does not exist`, `mkdir -p ${directory} && sh install.sh`)
  return writable
    ? pass(`${directory} (${foundBy})`)
    : warn(
        `${directory} (${foundBy}) is not writable: the driver cannot be upgraded`,
        `findmnt -T ${directory}; if it is read-only, set another --volume-plugin-dir for the kubelet`,
      )
}

function driver({ plugin: { directory, exists, drivers }, kubelet }: NodeFacts): Verdict {
  const silent = drivers.filter(({ answers }) => !answers).map(({ path }) => path)
  if (silent.length > 0)
    return fail(`${some(silent)} does not answer init with JSON`, `${silent[0]} init; then: sh install.sh`)
  const unseen = drivers.filter(({ seen }) => seen === false).map(({ path }) => path)
  if (unseen.length > 0)
    return fail(
      `the running kubelet does not see ${some(unseen)}: it has other directories than this node`,
      'sh install.sh; it says where the kubelet looks',
    )
  if (drivers.length > 0) return pass(`${some(drivers.map(({ path }) => path))} answers`)
  if (!exists && kubelet.pid === undefined)
    return skip('not installed, and no kubelet is running on this node')
  return fail(`no cephflex driver is installed in ${directory}`, 'sh install.sh')
}

function runDirectory({ directories: { run } }: NodeFacts): Verdict {
  if (run.problem === undefined) return pass(`${run.directory} can be written`)
  const fix = `ls -ld ${run.directory}; df -h ${run.directory}; df -i ${run.directory}; it must be a directory owned by root with mode 0700`
  return fail(`no volume can be mounted: ${run.problem}`, fix, 'ENORUNDIR')
}

function logDirectory({ directories: { log } }: NodeFacts): Verdict {
  if (log.problem === undefined) return pass(`${log.directory} can be written`)
  const fix = `ls -ld ${log.directory}; df -h ${log.directory}; it must be a directory owned by root with mode 0700`
  return warn(`calls work, but leave no log: ${log.problem}`, fix)
}

function keyrings({ keyrings: { problem, stale } }: NodeFacts): Verdict {
  if (problem !== undefined)
    return fail(problem, 'mount a tmpfs on /run or /dev/shm: mount -t tmpfs tmpfs /dev/shm', 'ENORUNDIR')
  if (stale.length === 0) return pass('no key file was left behind')
  return warn(
    `${plural(stale.length, 'key file')} left behind by a killed call: ${some(stale)}`,
    `rm -f ${stale.join(' ')}`,
  )
}

function mounts({ mounts: list }: NodeFacts): Verdict {
  const bad = UNHEALTHY.flatMap(health => list.filter(mount => mount.health === health))
  const unknown = list.filter(({ health }) => health === 'unknown').map(({ target }) => target)
  if (bad.length === 0 && unknown.length > 0)
    return warn(
      `${plural(unknown.length, 'mount')} of ${list.length} could not be checked, which says nothing about ${unknown.length === 1 ? 'it' : 'them'}: ${some(unknown)}`,
      'cephflex doctor --check programs',
    )
  if (bad.length === 0)
    return pass(list.length === 0 ? 'no volume is mounted' : `${plural(list.length, 'mount')}, all answer`)
  const names = bad.map(({ target, health }) => `${target} (${health})`)
  return fail(
    `${plural(bad.length, 'mount')} of ${list.length} not answering: ${some(names)}`,
    'delete the pods that use them, or: cephflex unmount DIR; see "cephflex explain 107"',
    'EDEAD',
  )
}

function orphans({ orphans: { states, daemons, unused } }: NodeFacts): Verdict {
  const found = [
    ...states.map(({ target }) => `${target} was unmounted by hand`),
    ...daemons.map(
      ({ pid, target, stopped }) =>
        `ceph-fuse ${pid} is ${stopped ? 'stopped' : 'still running'} without its mount ${target}`,
    ),
    ...unused.map(unusedText),
  ]
  if (found.length === 0) return pass('no mount or daemon was left over')
  const fixes = [
    ...states.map(({ target }) => `cephflex unmount ${target}`),
    ...daemons
      .filter(({ stopped }) => !stopped)
      .map(({ pid }) => `kill ${pid} if no pod uses it: grep -l fuse.ceph-fuse /proc/[0-9]*/mountinfo`),
    ...unused.flatMap(({ heldBy }) => (heldBy === undefined ? [] : [`umount ${heldBy}`])),
    ...(unused.length > 0 || daemons.some(({ stopped }) => stopped) ? ['cephflex reap'] : []),
  ]
  return warn(some(found), some(fixes).replaceAll(', ', '; '))
}

function unusedText({ pid, path, heldBy }: NodeFacts['orphans']['unused'][number]): string {
  const client = pid === undefined ? 'the client' : `the client ${pid}`
  const why = heldBy === undefined ? '' : ` but is still mounted on ${heldBy}`
  return `${client} mounted on ${path} serves no pod${why}`
}

function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

function some(names: readonly string[]): string {
  return `${names.slice(0, MAX_NAMES).join(', ')}${names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : ''}`
}
