/** What templates write for what they leave out, besides nothing: Go for nil, and others a text in quotes. */
const LEFT_OUT = /^(?:<no value>|<nil>|""|'')?$/

/** Whether a value is not given: null, blank, or what a template writes for what it leaves out. */
export function isBlank(value: unknown): boolean {
  return value === null || (typeof value === 'string' && LEFT_OUT.test(value.trim()))
}
