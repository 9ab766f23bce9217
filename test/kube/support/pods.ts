import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import { allPids } from '../../../src/system/processes.js'
import type { Kube } from '../../lab/kube/kube.js'
import { until } from '../../lab/until.js'
import { NODE } from './objects.js'

/** What the tests read of a pod. */
export type PodRead = {
  metadata: { name: string; namespace: string }
  spec: { hostNetwork?: boolean }
  status: { podIP?: string; containerStatuses?: { containerID?: string; restartCount: number }[] }
}

const FOLLOW_MS = 600_000
const CONFINED = ['Uid', 'Gid', 'CapPrm', 'CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp'] as const
type Confinement = Record<(typeof CONFINED)[number], string>

/** Assigns pods without a node to this one, as a scheduler would, so that a manifest can be used unchanged. */
export async function placePods(kube: Kube, count: number): Promise<void> {
  const pods = await until(`${count} pods wait for a node`, async () => {
    const waiting = await kube.list<PodRead>(['pod', '-A', '--field-selector', 'spec.nodeName='])
    return waiting.length === count && waiting
  })
  for (const { metadata } of pods) {
    const { name, namespace } = metadata
    const target = { apiVersion: 'v1', kind: 'Node', name: NODE }
    await kube.kubectl(
      ['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}/binding`, '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Binding', metadata: { name }, target }),
    )
  }
}

/** The complete log of a container that has started. */
export async function wholeLog(kube: Kube, { metadata }: PodRead, container: string): Promise<string> {
  const [kubectl = '', ...flags] = kube.kubectlCommand
  const logs = ['logs', '--follow', '-n', metadata.namespace, metadata.name, '-c', container]
  const options = { reject: false, all: true, stdin: 'ignore', timeout: FOLLOW_MS } as const
  return (await execa(kubectl, [...flags, ...logs], options)).all
}

/** The processes of a pod's containers, by pid. */
export function processesOf({ status }: PodRead): number[] {
  const ids = (status.containerStatuses ?? []).map(each => (each.containerID ?? '').replace(/^.*\//, ''))
  return allPids().filter(pid => {
    try {
      const groups = read(pid, 'cgroup')
      return ids.some(id => id !== '' && groups.includes(id))
    } catch {
      return false // it has ended
    }
  })
}

/** The ids and capabilities of a process: proc(5), /proc/PID/status. */
export function confinementOf(pid: number): Confinement {
  const lines = read(pid, 'status').split('\n')
  const field = (name: string) =>
    lines
      .find(line => line.startsWith(`${name}:`))
      ?.slice(name.length + 2)
      .replaceAll('\t', ' ')
  return Object.fromEntries(CONFINED.map(name => [name, field(name)])) as Confinement
}

/** Arguments and environment of a process, one to a line. */
export function wordsOf(pid: number): string {
  return `${read(pid, 'cmdline')}${read(pid, 'environ')}`.replaceAll('\0', '\n')
}

/** The mounts of a process: mountinfo as text. */
export function mountsOf(pid: number): string {
  return read(pid, 'mountinfo')
}

function read(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8')
}
