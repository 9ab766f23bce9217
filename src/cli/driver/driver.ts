import { answer, type Handlers } from './answer.js'

/** The kubelet's calls that change the node. Each loads only what it needs. */
export const DRIVER_CALLS = {
  mount: async (args, system) => {
    const [{ parseMountRequest }, { mountVolume }] = await Promise.all([
      import('../../core/target/mount-request.js'),
      import('../../ops/mount/mount.js'),
    ])
    const request = parseMountRequest(args, system.config)
    const report = await mountVolume(request, system)
    return { ...report, fellBackFrom: report.fellBackFrom?.message, pod: request.volume.pod }
  },
  unmount: async (args, system) => {
    const [{ parseUnmountRequest }, { unmountVolume }] = await Promise.all([
      import('../../core/target/unmount-request.js'),
      import('../../ops/mount/unmount.js'),
    ])
    return { removed: await unmountVolume(parseUnmountRequest(args), system) }
  },
} as const satisfies Handlers

/** Answers a call of the kubelet, as {@link answer} does. */
export const answerDriver = answer.bind(undefined, DRIVER_CALLS)
