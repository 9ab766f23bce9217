import { KUBELET_OPTIONS } from '../kubelet/call-options.js'
import { printable } from '../text/printable.js'
import type { VolumeOptions } from './volume.js'

type Strings = Readonly<Record<string, string>>

/** The highest group: one more means "unchanged" to chown(2). */
const MAX_GROUP = 4_294_967_294
const HARMLESS = /^[A-Za-z0-9._-]{1,253}$/
const GROUP_KEYS = [KUBELET_OPTIONS.fsGroup, KUBELET_OPTIONS.oldFsGroup]
const POD_KEYS = {
  namespace: KUBELET_OPTIONS.podNamespace,
  name: KUBELET_OPTIONS.podName,
  uid: KUBELET_OPTIONS.podUid,
  volume: KUBELET_OPTIONS.volume,
} as const

/** Reads what the kubelet adds to the options of a volume. Throws nothing. Problems are whole sentences. */
export function readKubeletKeys(
  strings: Strings,
): Pick<VolumeOptions, 'readOnly' | 'fsGroup' | 'pod'> & { problems: string[] } {
  const access = accessOf(strings)
  const group = groupOf(strings)
  return {
    readOnly: access.readOnly,
    ...(group.fsGroup !== undefined && { fsGroup: group.fsGroup }),
    pod: podOf(strings),
    problems: [...access.problems, ...group.problems],
  }
}

function accessOf(strings: Strings): { readOnly: boolean; problems: string[] } {
  const text = strings[KUBELET_OPTIONS.access] || 'rw'
  const isKnown = text === 'ro' || text === 'rw'
  const problems = isKnown ? [] : [`${KUBELET_OPTIONS.access} must be "ro" or "rw", not ${printable(text)}`]
  return { readOnly: text === 'ro', problems }
}

function groupOf(strings: Strings): { fsGroup?: number; problems: string[] } {
  const key = GROUP_KEYS.find(name => strings[name])
  const text = strings[key ?? '']
  if (key === undefined || text === undefined) return { problems: [] }
  if (/^\d{1,10}$/.test(text) && Number(text) <= MAX_GROUP) return { fsGroup: Number(text), problems: [] }
  return { problems: [`${key} must be a whole number from 0 to ${MAX_GROUP}, not ${printable(text)}`] }
}

/** Only for logs, so names with any other character than the harmless ones are left out. */
function podOf(strings: Strings): VolumeOptions['pod'] {
  return Object.fromEntries(
    Object.entries(POD_KEYS)
      .map(([field, key]) => [field, strings[key] ?? ''] as const)
      .filter(([, text]) => HARMLESS.test(text)),
  )
}
