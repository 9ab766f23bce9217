import { COMMANDS, type CommandName } from './cli/commands.js'
import { write } from './system/output.js'

/** Calls that do something; the last two come from external-storage's flex provisioner. */
const ACTIVE = ['mount', 'unmount', 'provision', 'delete']

const CRASH = 'EBUG: unexpected error. Hint: read the log in /var/log/cephflex and report the bug'

/**
 * The entry for calls and for commands. A call of the kubelet gets exactly one
 * JSON object and exit code 0.
 *
 * A call exits with 0 even on failure: the kubelet reads `status`, and on a
 * non-zero exit code it logs the arguments, which include the key. It also reads
 * stdout and stderr as one stream, so a call writes nothing else to either.
 *
 * @param program the path that started this program.
 * @returns the exit code.
 */
export async function main(program: string, argv: readonly string[]): Promise<number> {
  const [call = '', ...args] = argv
  if (isDriverCall(program, call)) return reply(await answerCall(program, call, args))
  const { runProgram } = await import('./cli/program.js')
  return runProgram(argv)
}

/** The reply when even the code that makes replies has failed. @returns the exit code. */
export function crash(program: string, argv: readonly string[]): number {
  if (isDriverCall(program, argv[0] ?? '')) return reply({ status: 'Failure', message: CRASH })
  write(2, `${CRASH}\n`)
  return 1
}

/** Needs no import, since the kubelet's prober may call `init` 30 times at once. */
const INIT_REPLY = {
  status: 'Success',
  capabilities: {
    attach: false,
    fsGroup: false,
    selinuxRelabel: false,
    supportsMetrics: true,
    requiresFSResize: false,
  },
}

async function answerCall(program: string, call: string, args: readonly string[]): Promise<object> {
  if (call === 'init') return INIT_REPLY
  if (!ACTIVE.includes(call)) return { status: 'Not supported' }
  const caller = isDriverPath(program) ? 'kubelet' : 'person'
  if (call === 'mount' || call === 'unmount')
    return (await import('./cli/driver/driver.js')).answerDriver(call, args, caller)
  return (await import('./cli/driver/provisioner.js')).answerProvisioner(call, args, caller)
}

/** Calls of the kubelet and the controller manager that this driver does not need. */
const NOT_SUPPORTED = [
  'attach',
  'detach',
  'waitforattach',
  'waitfordetach',
  'isattached',
  'mountdevice',
  'unmountdevice',
  'getvolumename',
  'getdevicemountpath',
  'expandvolume',
  'expandfs',
]

/** These words are calls and get one JSON object, whatever path starts the program. */
export const CALLS: readonly string[] = ['init', ...ACTIVE, ...NOT_SUPPORTED]

/** The options of the program itself, which an installed driver accepts, too. */
const PROGRAM_OPTIONS = ['--help', '-h', '--version', '-v']

function isDriverCall(program: string, call: string): boolean {
  return CALLS.includes(call) || (isDriverPath(program) && !isForPeople(call))
}

/** The kubelet has no calls with these names, and its protocol gets no new ones. */
function isForPeople(word: string): boolean {
  if (PROGRAM_OPTIONS.includes(word)) return true
  return Object.hasOwn(COMMANDS, word) && COMMANDS[word as CommandName].installed
}

/** The kubelet starts a driver as `VENDOR~DRIVER/DRIVER`. Started that way, the program answers any call with JSON. */
function isDriverPath(program: string): boolean {
  const [directory = '', name = ''] = program.split('/').slice(-2)
  return name !== '' && directory.endsWith(`~${name}`)
}

function reply(status: object): number {
  write(1, `${JSON.stringify(status)}\n`)
  return 0
}
