import { execa } from 'execa'

const LIMIT_MS = 280_000
const CTRL_C = '\u0003'

export type OnTerminal = { code: number | undefined; screen: string }

/**
 * Runs a command on a terminal of its own, which script(1) of Debian's bsdutils makes.
 *
 * @param interruptAt when this is on the screen, Ctrl-C is pressed.
 */
export async function onTerminal(
  command: string,
  env: Record<string, string> = {},
  interruptAt?: RegExp,
): Promise<OnTerminal> {
  // exec: Ctrl-C would interrupt a remaining shell, too, and some shells then return 130 instead of the command's code
  const argv = ['--quiet', '--return', '--command', `exec ${command}`, '/dev/null']
  const child = execa('script', argv, {
    env: { TERM: 'xterm', ...env },
    stdin: 'pipe',
    all: true,
    reject: false,
    timeout: LIMIT_MS,
  })
  let screen = ''
  let isPressed = false
  child.all.on('data', (chunk: Buffer) => {
    screen += chunk.toString()
    if (!interruptAt || isPressed || !interruptAt.test(screen)) return
    isPressed = true
    child.stdin.write(CTRL_C)
  })
  const { exitCode, timedOut } = await child
  if (timedOut) throw new Error(`${command} did not end: ${screen}`)
  if (interruptAt && !isPressed) throw new Error(`${command} ended before ${interruptAt}: ${screen}`)
  return { code: exitCode, screen }
}
