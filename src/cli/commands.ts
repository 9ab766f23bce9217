/**
 * All commands, in the order of the help. A new command needs a row here, a file
 * in a folder next to this file, and a row in `program.ts`.
 *
 * `installed`: whether an installed driver has the command, too. On most nodes
 * it is the only copy of this program. It answers other words with JSON.
 *
 * `main.ts` loads this for every call, so this file imports nothing.
 */
export const COMMANDS = {
  doctor: { installed: true },
  'mount-test': { installed: true },
  status: { installed: true },
  logs: { installed: true },
  recover: { installed: true },
  reap: { installed: true },
  explain: { installed: true },
  bundle: { installed: true },
  metrics: { installed: true },
  volume: { installed: true },
  controller: { installed: false },
  import: { installed: true },
  'export-csi': { installed: true },
  manifests: { installed: false },
  'dev-cluster': { installed: false },
  install: { installed: true },
  completion: { installed: false },
  man: { installed: false },
  'install-script': { installed: false },
  'self-test': { installed: false },
  help: { installed: true },
} as const satisfies Record<string, { installed: boolean }>

export type CommandName = keyof typeof COMMANDS
