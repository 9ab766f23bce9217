import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { execa } from 'execa'
import type { Test } from 'tap'
import type { Kube } from '../../lab/kube/kube.js'
import { until } from '../../lab/until.js'

const CONFIG_DIR = '/etc/cephflex'
const INSTALL_MS = 120_000

/** Removes the node configuration that install.sh creates after the test, if there was none before. */
export function undoConfig(t: Test): void {
  if (existsSync(CONFIG_DIR)) return
  t.teardown(() => {
    if (!existsSync(CONFIG_DIR)) return
    for (const name of readdirSync(CONFIG_DIR))
      if (/^(config|engine-.*)\.json$/.test(name)) rmSync(`${CONFIG_DIR}/${name}`)
    rmdirSync(CONFIG_DIR)
  })
}

/**
 * Installs the packaged driver as an operator does, while a kubelet is running.
 *
 * @returns the output of install.sh.
 */
export async function installDriver(kube: Kube, ...args: string[]): Promise<string> {
  const { exitCode, all } = await runInstaller(...args)
  if (exitCode !== 0) throw new Error(`install.sh: ${all}`)
  await until('the driver is in the plugin directory', () =>
    existsSync(`${kube.pluginDir}/cephflex~cephfs/cephfs`),
  )
  return all
}

/** Runs install.sh of the checkout; it finds the kubelet by itself. A failure is a value. */
export function runInstaller(...args: string[]) {
  return execa('sh', ['install.sh', ...args], {
    all: true,
    stdin: 'ignore',
    reject: false,
    timeout: INSTALL_MS,
  })
}
