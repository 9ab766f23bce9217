import { setTimeout as sleep } from 'node:timers/promises'
import type { SubjectName } from '../records/bench.js'
import type { Lab } from './lab.js'
import type { Programs } from './programs.js'
import { type Command, peakKiB, timed } from './stopwatch.js'

/** Something to measure: one run gives milliseconds, `peak` the largest process in KiB. Both throw if a run failed. */
export type Subject = {
  name: SubjectName
  time: () => Promise<number>
  peak?: () => Promise<number>
}

type Argv = Command['argv']

/** The commands that mount on a directory and unmount it, and the expected answer. */
type Client = {
  mount: (target: string) => Argv
  unmount: (target: string) => Argv
  answer: RegExp
}

const SUCCESS = /^\{"status": ?"Success"/
/** A kubelet does not unmount right after a mount: the work that ceph-fuse still does then is not measured. */
const SETTLE_MS = 30
const HERD = 20

/** Everything that can be measured on this machine. */
export function makeSubjects(lab: Lab, { binary, bun, node, jqEach, jqOnce, c }: Programs): Subject[] {
  const driver = (program: string, options = lab.options): Client => ({
    mount: target => [program, 'mount', target, options],
    unmount: target => [program, 'unmount', target],
    answer: SUCCESS,
  })
  const raw: Client = {
    mount: target => ['ceph-fuse', '--id', 'admin', '-k', lab.keyring, '-m', lab.monitors, '-r', '/', target],
    unmount: target => ['umount', target],
    answer: /^(?!.*error)/s,
  }
  return [
    command(lab, 'true', ['/bin/true'], /^$/),
    command(lab, 'init-binary', [binary, 'init'], SUCCESS),
    command(lab, 'init-bun', [bun, 'init'], SUCCESS),
    command(lab, 'init-node', [node, '-e', '0'], /^$/),
    command(lab, 'init-jq', [jqOnce, 'init'], SUCCESS),
    command(lab, 'init-bash', [jqEach, 'init'], SUCCESS),
    ...(c === undefined ? [] : [command(lab, 'init-c', [c, 'init'], SUCCESS)]),
    mountAndUnmount(lab, 'mount-binary', driver(binary)),
    mountAndUnmount(lab, 'mount-bun', driver(bun)),
    mountAndUnmount(lab, 'mount-raw', raw),
    mountAndUnmount(lab, 'mount-jq-each', driver(jqEach)),
    mountAndUnmount(lab, 'mount-jq-once', driver(jqOnce)),
    mountAndUnmount(lab, 'mount-own', driver(binary, lab.ownOptions)),
    besideAnother(lab, 'second-binary', driver(binary)),
    besideAnother(lab, 'second-bun', driver(bun)),
    herd(lab, 'herd-binary', driver(binary, lab.ownOptions)),
    herd(lab, 'herd-bun', driver(bun, lab.ownOptions)),
    herd(lab, 'pods-binary', driver(binary)),
    herd(lab, 'pods-bun', driver(bun)),
    herd(lab, 'herd-raw', raw),
  ]
}

function command(lab: Lab, name: SubjectName, argv: Argv, answer: RegExp): Subject {
  return {
    name,
    time: () => checked(lab, argv, answer, name),
    peak: () => peakKiB({ argv, env: lab.env }, lab.scratch(name)),
  }
}

/** Mounts and unmounts one volume; each result is looked up in the mount table, outside the time. */
function mountAndUnmount(lab: Lab, name: SubjectName, client: Client): Subject {
  async function both(run: (argv: Argv) => Promise<number>): Promise<[number, number]> {
    const target = lab.target()
    const mount = await run(client.mount(target))
    lab.assertMounted(target)
    await sleep(SETTLE_MS)
    const unmount = await run(client.unmount(target))
    await lab.assertGone(target)
    return [mount, unmount]
  }
  return {
    name,
    time: async () => {
      const [mount, unmount] = await both(argv => checked(lab, argv, client.answer, name))
      return mount + unmount
    },
    peak: async () => Math.max(...(await both(argv => peakKiB({ argv, env: lab.env }, lab.scratch(name))))),
  }
}

/** The same for a second pod, while another one has the volume. The time of the first is not measured. */
function besideAnother(lab: Lab, name: SubjectName, client: Client): Subject {
  const second = mountAndUnmount(lab, name, client)
  return {
    name,
    time: async () => {
      const first = lab.target()
      await checked(lab, client.mount(first), client.answer, name)
      const before = lab.clients().length
      const ms = await second.time()
      if (before !== 1 || lab.clients().length !== 1) throw new Error(`${name}: not one client`)
      await checked(lab, client.unmount(first), client.answer, name)
      return ms
    },
  }
}

/** Mounts on many directories at once, until the last call has ended. */
function herd(lab: Lab, name: SubjectName, client: Client): Subject {
  return {
    name,
    time: async () => {
      const targets = Array.from({ length: HERD }, () => lab.target())
      const begin = performance.now()
      await Promise.all(
        targets.map((target, i) => checked(lab, client.mount(target), client.answer, `${name}-${i}`)),
      )
      const ms = performance.now() - begin
      for (const target of targets) lab.assertMounted(target)
      await sleep(SETTLE_MS)
      for (const target of targets) {
        await checked(lab, client.unmount(target), client.answer, name)
        await lab.assertGone(target)
      }
      return ms
    },
  }
}

async function checked(lab: Lab, argv: Argv, answer: RegExp, name: string): Promise<number> {
  const { ms, output } = await timed({ argv, env: lab.env }, lab.scratch(name))
  if (!answer.test(output)) throw new Error(`${argv[0]} ${argv[1] ?? ''} answered ${output}`)
  return ms
}
