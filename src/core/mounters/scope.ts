/** What is run once in each boot to see whether scopes work here. */
export const SCOPE_PROBE = inScope('true', [])

/**
 * Wraps a program so that it gets a systemd scope of its own.
 *
 * The kubelet's service is stopped with its whole control group, so a
 * ceph-fuse left there dies at every `systemctl restart kubelet`. Exit codes
 * and output pass through, and the pid is that of the program.
 */
export function inScope(program: string, argv: readonly string[]): { program: string; argv: string[] } {
  return {
    program: 'systemd-run',
    argv: ['--scope', '--quiet', '--collect', '--', program, ...argv],
  }
}
