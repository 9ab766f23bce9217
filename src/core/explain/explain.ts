import { getSystemErrorMap } from 'node:util'
import { type ErrorCode, EXPLANATIONS } from '../error-codes.js'
import { symptomOf } from '../mounters/index.js'
import { CLUSTER_TOPICS } from './cluster-topics.js'
import { KUBELET_TOPICS } from './kubelet-topics.js'
import { NODE_TOPICS } from './node-topics.js'
import { type Cause, cause, type Topic } from './topic.js'

/** Every topic. `test/core/explain/explain.test.ts` has a captured line for each text. */
export const TOPICS: readonly Topic[] = [...KUBELET_TOPICS, ...CLUSTER_TOPICS, ...NODE_TOPICS]

/** One explanation of an input: what it was recognized by, its meaning, and its causes. */
export type ExplainedTopic = { because: string; means: string; causes: readonly Cause[] }

const MAX_LENGTH = 60

/**
 * Explains an error code of this program, an errno (number or name), or a message of a client or the kubelet; the most
 * certain explanation first. Empty if nothing matches.
 */
export function explain(input: string): ExplainedTopic[] {
  const word = input.trim()
  const plain = word.replace(/^[-(]+|\)$/g, '')
  if (/^\d+$/.test(plain)) return [ofNumber(Number(plain))].flatMap(topic => topic ?? [])
  const upper = word.toUpperCase()
  const number = /^E[A-Z0-9]+$/.test(upper) ? numberOf(upper) : undefined
  const topics = [
    isOurs(upper) ? ofCode(upper) : undefined,
    number === undefined ? undefined : ofNumber(number),
  ]
  const named = topics.flatMap(each => each ?? [])
  return unique(named.length > 0 ? named : inText(word))
}

/** The number of an errno name on Linux; Node.js uses its negative. */
function numberOf(name: string): number | undefined {
  for (const [number, [known]] of getSystemErrorMap()) if (known === name) return -number
  return undefined
}

function unique(list: readonly ExplainedTopic[]): ExplainedTopic[] {
  return list.filter(({ causes }, i) => list.findIndex(other => other.causes === causes) === i)
}

function inText(text: string): ExplainedTopic[] {
  const byTopic = TOPICS.flatMap(({ texts = [], means, causes }) => {
    const found = texts.map(pattern => pattern.exec(text)?.[0]).find(match => match !== undefined)
    return found === undefined ? [] : [{ because: `"${quote(found)}"`, means, causes }]
  })
  const byCode = [...text.matchAll(/\b(E[A-Z]{3,})\b(?=[:\s]|$)/g)].flatMap(([, word = '']) =>
    isOurs(word) ? [ofCode(word)] : [],
  )
  const symptom = symptomOf(text)
  const numbers = [
    ...text.matchAll(/(?:failed with|error|errno|exit (?:status|code)|code)[ :(=]+-?(\d{1,5})\b/gi),
  ]
  return [
    ...byCode,
    ...(symptom ? [ofCode(symptom)] : []),
    ...byTopic,
    ...numbers.flatMap(([, number]) => ofNumber(Number(number)) ?? []),
  ]
}

function quote(text: string) {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text
}

function isOurs(word: string): word is ErrorCode {
  return Object.hasOwn(EXPLANATIONS, word)
}

function ofCode(code: ErrorCode): ExplainedTopic {
  const { means, fix } = EXPLANATIONS[code]
  const topic = TOPICS.find(({ codes }) => codes?.includes(code))
  return { because: code, means, causes: topic?.causes ?? [cause(means, 'cephflex logs', fix)] }
}

function ofNumber(number: number): ExplainedTopic | undefined {
  const topic = TOPICS.find(({ numbers }) => numbers?.includes(number))
  return topic && { because: nameOf(number), means: topic.means, causes: topic.causes }
}

function nameOf(number: number): string {
  const [name, text] = getSystemErrorMap().get(-number) ?? []
  return name === undefined ? `${number}` : `${number} is ${name}, ${text}`
}
