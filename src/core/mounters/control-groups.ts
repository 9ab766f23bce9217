import type { ProgramName } from '../programs.js'

/** How every container runtime names the control group of a container: with its id. */
const CONTAINER_ID = /[0-9a-f]{64}/
/** A line of mountinfo, see proc(5): root, mount point, type and the options of the file system. */
const CGROUP_MOUNT = /^\d+ \d+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)$/gm
/** Moves the shell, which then becomes the program. What cannot be joined is told on stderr, and stops nothing. */
const JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1" || :; shift; done; shift; exec "$@"'

type Membership = { controllers: string; path: string }

/**
 * The files that move a process out of the control groups of its container, to those of the first process of the node:
 * one for each hierarchy in which they differ. Empty if the process is in no container.
 *
 * @param own /proc/self/cgroup. @param first /proc/1/cgroup. @param mountInfo /proc/self/mountinfo.
 */
export function groupsOutside(own: string, first: string, mountInfo: string): string[] {
  const ours = memberships(own)
  if (!ours.some(({ path }) => CONTAINER_ID.test(path))) return []
  return memberships(first).flatMap(({ controllers, path }) => {
    const isSame = ours.some(each => each.controllers === controllers && each.path === path)
    return isSame ? [] : (procsFile(mountInfo, controllers, path) ?? [])
  })
}

/**
 * Wraps a program so that it runs in other control groups. A runtime that ends a container kills what is in its groups:
 * a ceph-fuse there would take the volumes of its pods with it.
 *
 * Exit codes and output pass through, and the pid is that of the program.
 */
export function inGroups(
  groups: readonly string[],
  program: `/${string}`,
  argv: readonly string[],
): { program: ProgramName; argv: string[] } {
  return { program: 'sh', argv: ['-c', JOIN, 'sh', ...groups, '--', program, ...argv] }
}

/** The lines of cgroups(7): `ID:CONTROLLERS:PATH`. */
function memberships(text: string): Membership[] {
  return [...text.matchAll(/^\d+:([^:]*):(\/.*)$/gm)].map(([, controllers = '', path = '']) => ({
    controllers,
    path,
  }))
}

/** Version 2 has no controllers; a hierarchy of version 1 is mounted with its own as options. */
function procsFile(mountInfo: string, controllers: string, path: string): string | undefined {
  for (const [, root = '', mountPoint, type, options = ''] of mountInfo.matchAll(CGROUP_MOUNT)) {
    const given = options.split(',')
    const isIt =
      controllers === ''
        ? type === 'cgroup2'
        : type === 'cgroup' && controllers.split(',').every(each => given.includes(each))
    const top = root === '/' ? '' : root
    if (isIt && `${path}/`.startsWith(`${top}/`))
      return `${mountPoint}${path.slice(top.length)}/cgroup.procs`.replaceAll('//', '/')
  }
  return undefined
}
