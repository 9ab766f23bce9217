import { CephflexError } from '../../core/errors.js'
import { parseVolumeObjects } from '../../core/migration/pv-file.js'
import { convertible, flexSteps, flexVolume } from '../../core/migration/to-flex.js'
import { toYaml } from '../../core/provision/kubernetes.js'
import type { CommandIo } from '../terminal/command-io.js'
import { readFileOrInput } from '../terminal/read-file.js'

/**
 * `cephflex import --to-flex`: prints a PersistentVolume with a flexVolume for each in-tree one of a file, and on stderr
 * what else is to do. Needs no cluster.
 *
 * @throws CephflexError EBADREQUEST if the file has no in-tree volume that can be converted.
 */
export async function printFlexVolumes(
  io: CommandIo,
  { file, json = false }: { file: string; json?: boolean },
): Promise<void> {
  const { volumes } = parseVolumeObjects(await readFileOrInput(file))
  const { good, leftOut } = convertible(volumes)
  const reasons = leftOut.map(({ name, reason }) => `left out: ${name}: ${reason}`)
  if (good.length === 0 && leftOut.length > 0)
    throw new CephflexError('EBADREQUEST', reasons.join('; '), {
      hint: 'correct these PersistentVolumes in the file',
    })
  if (good.length === 0)
    throw new CephflexError('EBADREQUEST', 'the file contains no PersistentVolume with cephfs', {
      hint: 'those with a flexVolume can stay as they are',
    })
  const objects = good.map(flexVolume)
  if (json) io.out(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  else io.out(toYaml(objects))
  for (const line of reasons) io.err(line)
  for (const note of new Set(good.flatMap(flexSteps))) io.err(`note: ${note}`)
}
