import fc from 'fast-check'
import { eraOf } from '../../src/core/provision/caps/mds-grammar.js'
import { almostCaps, isParsed, SERVICES } from '../support/caps-texts.js'
import type { TestCluster } from './cluster.js'

const SEED = 7

/**
 * Texts that the monitors of a release parse and this program does not, or the other way round. They try to parse the
 * caps of every service before they create a user.
 *
 * @param major the release of the cluster. @param count texts for each service.
 */
export async function misjudged(cluster: TestCluster, major: number, count: number): Promise<string[]> {
  const found: string[] = []
  let users = 0
  for (const service of SERVICES)
    for (const text of fc.sample(almostCaps(service), { numRuns: count, seed: SEED })) {
      users += 1
      const request = { prefix: 'auth add', entity: `client.caps${users}`, caps: [service, text] }
      const { code } = await cluster.session().ask('mon', request)
      if ((code === 0) !== isParsed(service, text, eraOf(major))) found.push(`${service} ${text}`)
    }
  return found
}
