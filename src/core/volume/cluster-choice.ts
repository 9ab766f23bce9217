import type { NodeConfig } from '../config/node-config.js'
import { shown } from '../text/printable.js'
import { type Monitor, parseMonitors } from './monitors.js'
import type { VolumeInput } from './volume-input.js'

/** Where the file system is. Problems are whole sentences. */
type Place = { monitors: readonly Monitor[]; fsName?: string | undefined; problems: string[] }

const clusterOf = (name: string, { clusters }: NodeConfig): Place => {
  const cluster = Object.hasOwn(clusters, name) ? clusters[name] : undefined
  if (cluster !== undefined) {
    const { monitors, problems } = parseMonitors(cluster.monitors)
    return {
      monitors,
      fsName: cluster.fsName,
      problems: problems.map(text => `cluster ${shown(name)}: ${text}`),
    }
  }
  const known =
    Object.keys(clusters)
      .map(other => shown(other))
      .join(', ') || 'none'
  return {
    monitors: [],
    problems: [`cluster ${shown(name)} is not configured on this node (known: ${known})`],
  }
}

/** The monitors, from the option or from the cluster it names on this node. Throws nothing. */
export const readPlace = ({ strings, rejected, values, config }: VolumeInput): Place => {
  if (strings['monitors'] !== undefined && strings['cluster'] !== undefined) {
    return { monitors: [], problems: ['monitors and cluster exclude each other: give only one'] }
  }
  if (values.cluster !== undefined) return clusterOf(values.cluster, config)
  const isReported = [...Object.keys(strings), ...rejected].some(
    name => name === 'monitors' || name === 'cluster',
  )
  const problems = isReported ? [] : ['monitors is required, for example "10.0.0.1,10.0.0.2" (or cluster)']
  return { monitors: values.monitors ?? [], problems }
}
