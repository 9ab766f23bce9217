import type { ProgramName } from '../programs.js'

/** Run once per boot to find out whether scopes work on this node. */
export const SCOPE_PROBE = inScope('true', [])

/**
 * Wraps a program so that it runs in a systemd scope of its own.
 *
 * systemd stops the kubelet with its whole control group, so a ceph-fuse in it would be killed by every
 * `systemctl restart kubelet`. Exit codes and output pass through, and the pid is that of the program.
 */
export function inScope(
  program: ProgramName,
  argv: readonly string[],
): { program: ProgramName; argv: string[] } {
  return {
    program: 'systemd-run',
    argv: ['--scope', '--quiet', '--collect', '--', program, ...argv],
  }
}
