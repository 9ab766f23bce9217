import type { Caps } from './caps/caps.js'

/** One change to the cluster, which may be repeated. Paths are relative to claimRoot. */
export type Step =
  /** claimRoot itself, and the directories between it and the volume. */
  | { do: 'make parents'; path: string }
  | { do: 'make directory'; path: string; mode: number }
  /** `mayBeUnknown`: older releases do not have the attribute. */
  | { do: 'set attribute'; path: string; name: string; value: string; mayBeUnknown?: true }
  | { do: 'remove attribute'; path: string; name: string }
  | { do: 'set mode'; path: string; mode: number }
  | { do: 'rename'; from: string; to: string }
  /** Only if it is empty. */
  | { do: 'remove directory'; path: string }
  /** A symbolic link, which nothing follows: its target is a text. */
  | { do: 'make link'; path: string; target: string }
  /** A regular file or a symbolic link, if it exists. */
  | { do: 'remove file'; path: string }
  /** A marked directory and its contents, in as many rounds as necessary. */
  | { do: 'purge'; path: string }
  | {
      do: 'mgr' | 'mon'
      command: Readonly<Record<string, unknown>> & { prefix: string }
      mayBeGone?: boolean
    }
  /** Refused by the cluster if the user exists with other caps. */
  | { do: 'add user'; user: string; caps: Caps }
  | { do: 'remove user'; user: string }

/** A step as the command that a person would run, or in words, with absolute paths. */
export function describeStep(step: Step, claimRoot: string): string {
  const full = (path: string) => (path === '' ? claimRoot : `${claimRoot}/${path}`)
  switch (step.do) {
    case 'make parents':
      return `mkdir -p ${full(step.path)}`
    case 'make directory':
      return `mkdir -m ${octal(step.mode)} ${full(step.path)}`
    case 'set attribute':
      return `setfattr -n ${step.name} -v '${step.value}' ${full(step.path)}`
    case 'remove attribute':
      return `setfattr -x ${step.name} ${full(step.path)}`
    case 'set mode':
      return `chmod ${octal(step.mode)} ${full(step.path)}`
    case 'rename':
      return `mv ${full(step.from)} ${full(step.to)}`
    case 'remove directory':
      return `rmdir ${full(step.path)}`
    case 'make link':
      return `ln -s ${step.target} ${full(step.path)}`
    case 'remove file':
      return `rm ${full(step.path)}`
    case 'purge':
      return `remove ${full(step.path)} and everything in it`
    case 'mgr':
    case 'mon':
      return commandText(step.command)
    case 'add user':
      return `ceph auth get-or-create client.${step.user} ${Object.entries(step.caps)
        .map(([service, cap]) => `${service} '${cap}'`)
        .join(' ')}`
    case 'remove user':
      return `ceph auth rm client.${step.user}`
  }
}

function octal(mode: number) {
  return mode.toString(8).padStart(4, '0')
}

function commandText({ prefix, ...rest }: Readonly<Record<string, unknown>> & { prefix: string }): string {
  return [`ceph ${prefix}`, ...Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`)].join(
    ' ',
  )
}
