import { type ErrorCode, EXPLANATIONS } from '../error-codes.js'
import { symptomIn } from '../mounters/index.js'
import { cleanText, plainText } from './clean-text.js'
import { numberOf } from './errno-names.js'
import type { Topic } from './topic.js'
import { TOPICS } from './topics.js'

/** Something recognized in a text: a code of this program, an errno, or the text of a topic. */
export type Match = { weight: number } & (
  | { code: ErrorCode }
  | { number: number }
  | { topic: Topic; text: string }
)

/**
 * How certain a match is. Within one of these, the longer text is the more specific one.
 *
 * - `decided`: a code of this program, which looked for the cause itself
 * - `clear`: a text with one meaning
 * - `vague`: an errno, its name or words, and whatever else many failures have in common
 */
const WEIGHT = { decided: 20_000, clear: 10_000, vague: 0 } as const

/** Codes whose message contains the reason. */
const REASON_FOLLOWS: readonly ErrorCode[] = [
  'EMOUNT',
  'EUMOUNT',
  'EPROVISION',
  'EINSTALL',
  'ECLUSTER',
  'EAPI',
  'EBUG',
]

/** Numbers only where a program writes its result: an address, a count or an exit code of another program is no errno. */
const ERRNO_PLACES = [
  /\bmount error:?(?: =)? -?(\d{1,5})\b/gi,
  /\b(?:failed|failure|returned|error|err|errno|ret|rc|r)(?: with| code)?(?: error)?[ :=]+\(?-?(\d{1,5})\)/gi,
  /\b(?:failed|returned|errno|error|err|ret|rc|r|code)(?: with)?[ :=]+-(\d{1,5})\b/gi,
  /\b(?:errno|error code)[ :=]+(\d{1,5})\b/gi,
  /\bexit status (\d{1,5})\)? occurred while running ceph-fuse/gi,
  /[:\]] \((\d{1,5})\) [A-Z]/g,
]

const PLACEHOLDERS: Readonly<Record<string, string>> = { '*': '[^]{0,200}?', '#': '-?\\d+' }

const ROWS = TOPICS.flatMap(topic => [
  ...rowsOf(topic, topic.texts ?? [], WEIGHT.clear),
  ...rowsOf(topic, topic.vague ?? [], WEIGHT.vague),
])

/** Everything recognized in a text, the most specific first. */
export function matchesOf(input: string): Match[] {
  const text = cleanText(input)
  const all = [...ofCodes(text), ...ofSymptom(text), ...ofTopics(text), ...ofErrnos(text)]
  const sorted = all.sort((a, b) => b.weight - a.weight)
  const floor = WEIGHT.clear <= (sorted[0]?.weight ?? 0) ? WEIGHT.clear : WEIGHT.vague
  return sorted.filter(({ weight }) => weight >= floor)
}

export function isOurs(word: string): word is ErrorCode {
  return Object.hasOwn(EXPLANATIONS, word)
}

function ofCodes(text: string): Match[] {
  return [...text.matchAll(/(\breason:\s+)?\b(E[A-Z]{3,})\b(?=[:\s]|$)/gi)].flatMap(
    ([, reason, word = '']) => {
      const code = word.toUpperCase()
      if (!isOurs(code)) return []
      // other programs print the name of an errno for other reasons
      const isVague = REASON_FOLLOWS.includes(code) || (reason === undefined && numberOf(code) !== undefined)
      return [{ weight: (isVague ? WEIGHT.vague : WEIGHT.decided) + code.length, code }]
    },
  )
}

function ofSymptom(text: string): Match[] {
  // lines may be wrapped between words or within them
  const forms = [text, text.replace(/\s+/g, ' '), text.replace(/\n/g, '')]
  const symptom = forms.map(symptomIn).find(found => found !== undefined)
  return symptom ? [{ weight: WEIGHT.clear + lettersOf(symptom.text).length, code: symptom.code }] : []
}

function ofTopics(text: string): Match[] {
  const plain = plainText(text)
  return ROWS.filter(({ pattern }) => pattern.test(plain))
}

function rowsOf(topic: Topic, texts: readonly string[], base: number) {
  return texts.map(text => {
    const letters = lettersOf(text)
    const weight = base + letters.replace(/[*#]/g, '').length
    return { topic, text, weight, pattern: patternOf(letters) }
  })
}

/** Begins at a word, and continues across the end of a line, even within a word. */
function patternOf(letters: string): RegExp {
  const parts = [...letters].map(
    letter => PLACEHOLDERS[letter] ?? letter.replace(/[.+?^${}()|[\]\\]/, '\\$&'),
  )
  const start = /^[a-z0-9]/.test(letters) ? '(?<![a-z0-9])' : ''
  return new RegExp(start + parts.join('\\s*'))
}

function lettersOf(text: string): string {
  return plainText(text).replace(/\s+/g, '')
}

function ofErrnos(text: string): Match[] {
  const flat = text.replace(/\s+/g, ' ')
  const numbers = ERRNO_PLACES.flatMap(place => [...flat.matchAll(place)].map(([, digits]) => Number(digits)))
  const names = [...text.matchAll(/\bE[A-Z0-9]{2,}\b/g)].flatMap(([name]) => numberOf(name) ?? [])
  return [...numbers, ...names].map(number => ({ weight: WEIGHT.vague, number }))
}
