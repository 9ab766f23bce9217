import type { Test } from 'tap'
import { holdMachine as hold } from '../../lab/kube/machine.js'

/** Gets the machine for one test cluster until the test ends; an end that left something fails the test. */
export async function holdMachine(t: Test, scripts: string, dir: string): Promise<void> {
  t.teardown(await hold(scripts, dir))
}
