import { Command } from 'commander'
import { fuseMonitors } from '../../core/ceph/monitors.js'
import { secretManifest, toYaml, volumeManifest } from '../../core/provision/kubernetes.js'
import { formatQuantity } from '../../core/provision/quantity.js'
import type { Volume } from '../../core/provision/volume.js'
import { listVolumes } from '../../ops/provision/list.js'
import { type ProvenVolume, proveVolumes } from '../../ops/provision/prove.js'
import { readVolumeKey } from '../../ops/provision/users.js'
import { showVolume } from '../../ops/provision/volumes.js'
import type { CommandIo } from '../terminal/command-io.js'
import { withAccess, withAccessOptions } from './admin-access.js'
import { claimOf, type VolumeCommandFlags as Flags, toJson } from './print-volume.js'

/** `cephflex volume list`. */
export function list(io: CommandIo): Command {
  return withAccessOptions(new Command('list'))
    .description('list the volumes that cephflex created')
    .option('--json', 'print JSON')
    .action(async (flags: Flags) => {
      await withAccess(flags, async ({ provisioner }) => {
        const found = await proveVolumes(provisioner, await listVolumes(provisioner))
        printList(
          io,
          flags,
          found.toSorted((a, b) => (a.volume.pv < b.volume.pv ? -1 : 1)),
        )
      })
    })
}

/** `cephflex volume show`. */
export function show(io: CommandIo): Command {
  return withAccessOptions(new Command('show'))
    .description('show a volume, or the Kubernetes objects to mount it')
    .argument('<name>')
    .option('--claim <ns/name>', 'the claim that the volume is named after')
    .option('--kubernetes', 'print Secret and PersistentVolume for "kubectl apply -f -"; includes the key')
    .option('--secret-namespace <ns>', 'namespace of the Secret', 'default')
    .option('--json', 'print JSON')
    .action(async (pv: string, flags: Flags & { kubernetes?: boolean; secretNamespace: string }) => {
      const claim = claimOf(flags.claim)
      await withAccess(flags, async ({ provisioner, access }) => {
        const volume = await showVolume(provisioner, pv, { claim })
        if (!flags.kubernetes) return io.out(flags.json ? toJson(volume) : lineOf(volume))
        const key = await readVolumeKey(provisioner, volume)
        const objects = [
          secretManifest(volume, key, flags.secretNamespace),
          volumeManifest(volume, { monitors: fuseMonitors(access.monitors) }, flags.secretNamespace),
        ]
        io.out(flags.json ? toJson({ apiVersion: 'v1', kind: 'List', items: objects }) : toYaml(objects))
      })
    })
}

function printList(io: CommandIo, { json }: Flags, volumes: readonly ProvenVolume[]): void {
  if (json) io.out(toJson(volumes.map(({ volume, problem }) => ({ ...volume, problem }))))
  else for (const { volume } of volumes) io.out(lineOf(volume))
  for (const { volume, problem } of volumes)
    if (problem !== undefined)
      io.err(`note: ${volume.path} has the mark of ${volume.pv}, but it is not confirmed: ${problem}`)
}

function lineOf({ pv, sizeBytes, user, path, kept }: Volume): string {
  return [pv, formatQuantity(sizeBytes), `client.${user}`, path, ...(kept ? [`(${kept})`] : [])].join('  ')
}
