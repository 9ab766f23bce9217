import { readdirSync, readFileSync } from 'node:fs'
import { pod, type Source } from './objects.js'

/** A write that the kernel has confirmed to be on the OSDs: when, in seconds since the boot, and its number. */
type Write = { at: number; number: number }
/** Everything that a writer printed. `fails` are the times of writes that returned an error. */
export type Diary = { writes: Write[]; fails: number[] }

/** From one write to the next, while all is well; a little more on a busy machine. */
const PERIOD_S = 1

/** Appends numbers to a file of its own and syncs each; prints the time and the number, or "-" after an error. */
const script = (name: string) =>
  [
    'n=0; while :; do n=$((n + 1))',
    `if echo $n | dd of=/data/${name} oflag=append conv=notrunc,fsync 2>/dev/null; then w=$n; else w=-; fi`,
    'read t x </proc/uptime; echo $t $w; sleep .5; done',
  ].join('; ')

/** A pod that writes to its volume all the time. */
export function writer(name: string, source: Source, options: { propagates?: boolean } = {}) {
  return pod(name, source, { ...options, first: script(name) })
}

/** The clock of the writers: seconds since the boot. */
export function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
}

/**
 * What a writer has printed since its container last started, from the file that the kubelet keeps: kubectl would take
 * processor time from what is measured. The line of a container runtime: TIME stdout F TEXT.
 */
export function diaryOf(name: string, uid: string): Diary {
  const directory = `/var/log/pods/default_${name}_${uid}/main`
  const starts = readdirSync(directory).map(file => Number(file.split('.')[0]))
  const diary: Diary = { writes: [], fails: [] }
  for (const line of readFileSync(`${directory}/${Math.max(...starts)}.log`, 'utf8').split('\n')) {
    const [, , , at, number] = line.split(' ')
    if (number === '-') diary.fails.push(Number(at))
    else if (number !== undefined) diary.writes.push({ at: Number(at), number: Number(number) })
  }
  return diary
}

/** Seconds from a time to the first write that has worked since; undefined if none has. */
export function gapAfter({ writes }: Diary, time: number): number | undefined {
  const first = writes.find(({ at }) => at > time)
  return first && first.at - time
}

/**
 * The longest time from one confirmed write to the next, of those that were the last before or in this span; undefined
 * without one. So each belongs to one event.
 */
export function longestGap({ writes }: Diary, begin: number, end: number): number | undefined {
  const gaps = writes.flatMap(({ at }, n) => {
    const next = writes[n + 1]
    return next !== undefined && next.at > begin && at > begin - PERIOD_S && at <= end - PERIOD_S
      ? [next.at - at]
      : []
  })
  return gaps.length > 0 ? Math.max(...gaps) : undefined
}

/** The numbers that a writer saw confirmed and that its file, as text, does not have. */
export function missingFrom({ writes }: Diary, text: string): number[] {
  const found = new Set(text.split('\n').map(Number))
  return writes.map(({ number }) => number).filter(number => !found.has(number))
}
