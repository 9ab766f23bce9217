/** Whether a value is not given: templates write an empty text, blanks or null for what they leave out. */
export function isBlank(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}
