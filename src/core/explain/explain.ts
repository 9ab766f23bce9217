import { type ErrorCode, EXPLANATIONS } from '../error-codes.js'
import { describeErrno, numberOf } from './errno-names.js'
import { isOurs, type Match, matchesOf } from './matches.js'
import { type Cause, cause } from './topic.js'
import { TOPICS } from './topics.js'

/** One explanation of an input: what it was recognized by, its meaning, and its causes. */
export type ExplainedTopic = { because: string; means: string; causes: readonly Cause[] }

/** Of a long log, only the most specific ones are worth reading. */
const MAX_TOPICS = 3

/**
 * Explains an error code of this program, an errno (number or name), or a message of a client, Ceph, the kernel or the
 * kubelet; the most specific explanation first. Empty if nothing matches.
 */
export function explain(input: string): ExplainedTopic[] {
  const word = input.trim()
  const [, digits] = /^(?:errno|error)?[\s:=(-]*(\d+)\)?$/i.exec(word) ?? []
  if (digits !== undefined) return [ofNumber(Number(digits))].flatMap(topic => topic ?? [])
  const upper = word.toUpperCase()
  const named = /^E[A-Z0-9]+$/.test(upper) ? ofName(upper) : []
  return unique(named.length > 0 ? named : matchesOf(word).flatMap(ofMatch)).slice(0, MAX_TOPICS)
}

function ofName(name: string): ExplainedTopic[] {
  const number = numberOf(name)
  const topics = [
    isOurs(name) ? ofCode(name) : undefined,
    number === undefined ? undefined : ofNumber(number),
  ]
  return topics.flatMap(topic => topic ?? [])
}

function unique(list: readonly ExplainedTopic[]): ExplainedTopic[] {
  return list.filter(({ causes }, i) => list.findIndex(other => other.causes === causes) === i)
}

function ofMatch(match: Match): ExplainedTopic[] {
  if ('code' in match) return [ofCode(match.code)]
  if ('number' in match) return [ofNumber(match.number)].flatMap(topic => topic ?? [])
  const { means, causes } = match.topic
  const found = match.text.replaceAll('*', '...').replaceAll('#', 'N')
  return [{ because: `"${found}"`, means, causes }]
}

function ofCode(code: ErrorCode): ExplainedTopic {
  const { means, fix } = EXPLANATIONS[code]
  const topic = TOPICS.find(({ codes }) => codes?.includes(code))
  return { because: code, means, causes: topic?.causes ?? [cause(means, 'cephflex logs', fix)] }
}

function ofNumber(number: number): ExplainedTopic | undefined {
  const topic = TOPICS.find(({ numbers }) => numbers?.includes(number))
  return topic && { because: describeErrno(number), means: topic.means, causes: topic.causes }
}
