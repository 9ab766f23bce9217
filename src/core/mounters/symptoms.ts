import type { ErrorCode } from '../error-codes.js'

/** A text that a program prints, and what it means. */
export type Symptom = readonly [RegExp, ErrorCode]

/** The code of the first symptom that the text shows. */
export function findSymptom(symptoms: readonly Symptom[], text: string): ErrorCode | undefined {
  return symptoms.find(([pattern]) => pattern.test(text))?.[1]
}
