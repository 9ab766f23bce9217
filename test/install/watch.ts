import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Watches a plugin directory as the kubelet's prober does: the directory itself and the driver's directory, as soon as it
 * exists. The driver must always be one of `allowed`. `identify` returns what is compared: its bytes, unless it is too
 * large to be read every 2 ms.
 */
export function recordEvents(
  plugins: string,
  driver: string,
  allowed: string[],
  identify = (path: string) => fs.readFileSync(path, 'latin1'),
) {
  const target = join(plugins, driver)
  const driverDir = dirname(target)
  const events: string[] = []
  const wrong: string[] = []
  const watchers: fs.FSWatcher[] = []

  const check = () => {
    // before the file: the rename may happen between the two checks
    const isDirectoryThere = fs.existsSync(driverDir)
    const text = fs.existsSync(target) ? identify(target) : undefined
    if (text !== undefined && !allowed.includes(text)) wrong.push(`${text.length} bytes`)
    if (text === undefined && isDirectoryThere) wrong.push('a directory without the driver')
  }
  const watch = (directory: string) => {
    watchers.push(
      fs.watch(directory, { persistent: false }, (_, name) => {
        events.push(name ?? '?')
        check()
        if (watchers.length === 1 && fs.existsSync(driverDir)) watch(driverDir)
      }),
    )
  }
  watch(plugins)
  if (fs.existsSync(driverDir)) watch(driverDir)
  // a test that fails before it stops this must not wait for it
  const sampler = setInterval(check, 2).unref()

  /** The base names of all events, in order. Those that the kubelet ignores only with `dots`. */
  const stop = async ({ dots = false } = {}) => {
    await delay(50)
    clearInterval(sampler)
    for (const watcher of watchers) watcher.close()
    return events.filter(name => dots || !name.startsWith('.'))
  }
  return { wrong, stop }
}

/** Everything below a directory with type, mode, size and time. Two equal lists mean that nothing changed. */
export function tree(root: string): string[] {
  return fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map(name => {
      const { mode, size, mtimeMs } = fs.lstatSync(join(root, name))
      return `${name} ${mode.toString(8)} ${fs.lstatSync(join(root, name)).isDirectory() ? '' : size} ${mtimeMs}`
    })
}

/** `identify` for a large driver: a partial file has another size. */
export function sizeOf(path: string): string {
  return String(fs.statSync(path).size)
}
