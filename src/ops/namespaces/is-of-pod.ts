import type { System } from '../../system/system.js'

/** Whether a process runs in a container of this pod, as its cgroup shows. */
export function isOfPod({ files }: System, pid: number, uid: string): boolean {
  try {
    const text = files.read(`/proc/${pid}/cgroup`) ?? ''
    return [uid, uid.replaceAll('-', '_')].some(name => text.includes(name))
  } catch {
    return false // it has just ended
  }
}
