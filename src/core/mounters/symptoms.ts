import type { ErrorCode } from '../error-codes.js'

/** A text that a program prints, and the error code that it means. */
export type Symptom = readonly [RegExp, ErrorCode]

/** The code of the first symptom that matches; undefined if none does. */
export function findSymptom(symptoms: readonly Symptom[], text: string): ErrorCode | undefined {
  return symptoms.find(([pattern]) => pattern.test(text))?.[1]
}
