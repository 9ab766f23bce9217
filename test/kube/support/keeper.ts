import type { Test } from 'tap'
import { holdMachine as hold } from '../../lab/kube/machine.js'

/** Reserves the machine for one test cluster until the test ends. If the cluster leaves something, the test fails. */
export async function holdMachine(t: Test, scripts: string, dir: string): Promise<void> {
  t.teardown(await hold(scripts, dir))
}
