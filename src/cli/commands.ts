/**
 * Every command that people type, in the order of the help. A new one is a row
 * here and a file in this folder, which `program.ts` names.
 *
 * `installed`: whether an installed driver answers it too, which on most nodes
 * is the only copy of this program. Other words get the kubelet's JSON there.
 *
 * `main.ts` reads this before anything else is loaded, so this file imports nothing.
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
  help: { installed: true },
} as const satisfies Record<string, { installed: boolean }>

export type CommandName = keyof typeof COMMANDS
