import { CephflexError } from '../../core/errors.js'
import type { InstallPlaces } from '../../core/install/places.js'
import { versionIn } from '../../core/kubelet/settings.js'
import { driverFiles } from '../../system/driver-files.js'
import { optional } from '../../system/run.js'
import type { Kubelet } from '../kubelet/find-kubelet.js'
import { sightOfFile } from '../kubelet/sight-of-file.js'
import { type InstallContext, runDriver } from './context.js'

/** Kubelets since then notice a new driver; older ones only look when they start. */
const NOTICES = { major: 1, minor: 8 }

/**
 * Checks that the running kubelet finds the installed file in its plugin directory. In a container, its directories may
 * be others of the node.
 *
 * @throws CephflexError EINSTALL
 */
export async function checkVisible(
  context: InstallContext,
  { pluginDir, target, targetOnNode }: InstallPlaces,
  kubelet: Kubelet,
): Promise<void> {
  const { system, options, report } = context
  const directory = kubelet.pluginDir?.path ?? pluginDir.slice(options.root.length)
  const path = `${directory}/${options.vendor}~${options.driver}/${options.driver}`
  const sum = await driverFiles.sha256(target)
  const { found, onNode } = await sightOfFile(system, kubelet.pid, path, options.root)
  if (found === 'unknown') return
  if (found === sum) return report.say(`the kubelet, process ${kubelet.pid}, sees it as ${path}`)
  const place = onNode?.split('/').slice(0, -2).join('/')
  const isElsewhere = place !== undefined && place !== '' && `${options.root}${place}` !== pluginDir
  throw new CephflexError(
    'EINSTALL',
    `${targetOnNode} is installed, but the running kubelet, process ${kubelet.pid}, ` +
      `${found === undefined ? 'has no' : 'has another'} file ${path}`,
    {
      hint: isElsewhere
        ? `its directory is ${place} of this node: run this command again with --plugin-dir ${place}`
        : `mount ${directory} of this node into the container of the kubelet at the same path, or start the kubelet with ` +
          `--volume-plugin-dir=${pluginDir.slice(options.root.length)}, and run this command again`,
    },
  )
}

/** Says that a kubelet which looks for drivers only when it starts must be restarted. */
export async function noteOldKubelet(context: InstallContext, kubelet: Kubelet): Promise<void> {
  // a container may not be allowed to start it
  const result = await optional(runDriver(context, `/proc/${kubelet.pid}/exe`, kubelet.versionArguments))
  const version = versionIn(result?.stdout ?? '')
  if (version === undefined) return
  const { major, minor, text } = version
  if (major > NOTICES.major || (major === NOTICES.major && minor >= NOTICES.minor)) return
  context.report.note(`the kubelet is ${text}, which looks for drivers only when it starts: restart it`)
}
