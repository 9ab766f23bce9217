import { type Monitor, parseMonitors } from '../ceph/monitors.js'
import type { NodeConfig } from '../config/node-config.js'
import { printable } from '../text/printable.js'
import type { VolumeInput } from './volume-input.js'

/** The cluster of a volume. Problems are whole sentences. */
type ClusterChoice = { monitors: readonly Monitor[]; fsName?: string | undefined; problems: string[] }

/** The monitors of a volume, from its option `monitors`, or from the cluster that it names. Throws nothing. */
export function chooseCluster({ strings, rejected, values, config }: VolumeInput): ClusterChoice {
  if (strings['monitors'] !== undefined && strings['cluster'] !== undefined) {
    return { monitors: [], problems: ['monitors and cluster are mutually exclusive: set only one'] }
  }
  if (values.cluster !== undefined) return configuredCluster(values.cluster, config)
  const isReported = [...Object.keys(strings), ...rejected].some(
    name => name === 'monitors' || name === 'cluster',
  )
  const problems = isReported ? [] : ['monitors is required, for example "10.0.0.1,10.0.0.2" (or cluster)']
  return { monitors: values.monitors ?? [], problems }
}

function configuredCluster(name: string, { clusters }: NodeConfig): ClusterChoice {
  const cluster = Object.hasOwn(clusters, name) ? clusters[name] : undefined
  if (cluster !== undefined) {
    const { monitors, problems } = parseMonitors(cluster.monitors)
    return {
      monitors,
      fsName: cluster.fsName,
      problems: problems.map(text => `cluster ${printable(name)}: ${text}`),
    }
  }
  const known =
    Object.keys(clusters)
      .map(other => printable(other))
      .join(', ') || 'none'
  return {
    monitors: [],
    problems: [`cluster ${printable(name)} is not configured on this node (known: ${known})`],
  }
}
