import { until } from '../until.js'
import type { Api, Read } from './kube.js'
import type { NodeView } from './node-view.js'

/** More pods take longer. */
const limitS = (pods: number) => 90 + 2 * pods

/** Waits for states of pods and claims. */
export function makeWaits(api: Api, node: NodeView) {
  /** The uids of these pods. @throws Error if one of them does not exist. */
  const uidsOf = async (...names: string[]): Promise<string[]> => {
    const pods = await api.list<Read>(['pod'])
    return names.map(name => {
      const pod = pods.find(({ metadata }) => metadata.name === name)
      // an empty uid would match all pods
      if (!pod) throw new Error(`there is no pod ${name}`)
      return pod.metadata.uid
    })
  }
  const isReady = ({ status }: Read) =>
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
  /** Waits until all these pods are Ready. @returns their uids. @throws Error with their events. */
  const running = async (...names: string[]): Promise<string[]> => {
    const check = async () => {
      const pods = await api.list<Read>(['pod'])
      const ready = pods.filter(pod => names.includes(pod.metadata.name) && isReady(pod))
      return ready.length === names.length && ready.map(({ metadata }) => metadata.uid)
    }
    try {
      return await until(`pods ${names.join(', ')} run`, check, limitS(names.length))
    } catch (error) {
      const events = (await Promise.all(names.map(api.events))).flat()
      const warnings = events.filter(({ type }) => type === 'Warning').map(({ message }) => message)
      throw new Error(`${(error as Error).message}; events: ${[...new Set(warnings)].join(' | ')}`)
    }
  }
  const leavesIdle = () => node.idleClients().length > 0 || node.idlePlaces().length > 0
  /** Waits until nothing is mounted for these pods, and no client or its mount is left that no pod has. */
  const unmounted = (...uids: string[]) =>
    until(
      'the volumes of the deleted pods are unmounted',
      () => uids.every(uid => node.volumeMounts(uid).length === 0) && !leavesIdle(),
      limitS(uids.length),
    )
  return {
    uidOf: async (name: string): Promise<string> => (await uidsOf(name))[0] ?? '',
    running,
    unmounted,
    /** The message of a warning of this object that matches. */
    warning: (name: string, pattern: RegExp) =>
      until(`an event of ${name} like ${pattern}`, async () => {
        const events = await api.events(name)
        return events.find(({ type, message }) => type === 'Warning' && pattern.test(message))?.message
      }),
    /** Waits until the claims are bound; the kubelet retries a pod with an unbound one only after 10 s. */
    bound: (...names: string[]) =>
      until(`claims ${names.join(', ')} are bound`, async () => {
        const claims = await api.list<Read>(['pvc'])
        return names.every(name =>
          claims.some(({ metadata, status }) => metadata.name === name && status?.phase === 'Bound'),
        )
      }),
    /** Deletes pods and waits until their volumes are unmounted; the API may list them some seconds longer. */
    deletePods: async (...names: string[]) => {
      const uids = await uidsOf(...names)
      await api.kubectl(['delete', 'pod', '--wait=false', ...names])
      await unmounted(...uids)
    },
    /** Waits until the API has no pod, and the kubelet no directory of one. */
    noPods: () =>
      until(
        'all deleted pods are gone',
        async () => (await api.list(['pod', '-A'])).length === 0 && node.podDirs().length === 0,
      ),
  }
}
