import { existsSync, rmdirSync, rmSync } from 'node:fs'
import { execa } from 'execa'
import type { Test } from 'tap'
import type { Kube } from '../kube.js'
import { until } from './until.js'

const CONFIG_DIR = '/etc/cephflex'
const INSTALL_MS = 120_000

/** Runs install.sh of the checkout; it finds the kubelet by itself. A failure is a value. */
export const runInstaller = (...args: string[]) =>
  execa('sh', ['install.sh', ...args], { all: true, stdin: 'ignore', reject: false, timeout: INSTALL_MS })

/**
 * Installs the packaged driver as an operator does, beside a kubelet that runs, and waits until that has loaded it.
 * What it makes on the machine outside the kubelet's directory is gone after the test.
 *
 * @returns what install.sh said.
 */
export const installDriver = async (t: Test, kube: Kube, ...args: string[]): Promise<string> => {
  const hadConfig = existsSync(CONFIG_DIR)
  t.teardown(() => {
    if (hadConfig || !existsSync(CONFIG_DIR)) return
    rmSync(`${CONFIG_DIR}/config.json`, { force: true })
    rmdirSync(CONFIG_DIR)
  })
  const { exitCode, all } = await runInstaller(...args)
  if (exitCode !== 0) throw new Error(`install.sh: ${all}`)
  await until('the kubelet has the driver', () => existsSync(`${kube.pluginDir}/cephflex~cephfs/cephfs`))
  return all
}
