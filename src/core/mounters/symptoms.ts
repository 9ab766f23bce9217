import type { ErrorCode } from '../error-codes.js'
import type { Symptom } from './mounter.js'

/** The code of the first symptom that matches; undefined if none does. */
export function findSymptom(symptoms: readonly Symptom[], text: string): ErrorCode | undefined {
  return symptoms.find(([pattern]) => pattern.test(text))?.[1]
}
