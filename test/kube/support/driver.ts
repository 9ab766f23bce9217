import { existsSync, rmdirSync, rmSync } from 'node:fs'
import { execa } from 'execa'
import type { Test } from 'tap'
import type { Kube } from '../../lab/kube/kube.js'
import { until } from '../../lab/until.js'

const CONFIG_DIR = '/etc/cephflex'
const INSTALL_MS = 120_000

/** Removes after the test the node configuration that install.sh makes, if there was none before. */
export function undoConfig(t: Test): void {
  if (existsSync(CONFIG_DIR)) return
  t.teardown(() => {
    if (!existsSync(CONFIG_DIR)) return
    rmSync(`${CONFIG_DIR}/config.json`, { force: true })
    rmdirSync(CONFIG_DIR)
  })
}

/**
 * Installs the packaged driver as an operator does, beside a kubelet that runs.
 *
 * @returns what install.sh said.
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
