import { getSystemErrorMap } from 'node:util'

/** Numbers of Linux that Node.js has no name for. */
const UNKNOWN_TO_NODE: readonly (readonly [name: string, number: number, text: string])[] = [
  ['ENOLCK', 37, 'no locks available'],
  ['EOPNOTSUPP', 95, 'operation not supported'],
  ['ESTALE', 116, 'stale file handle'],
  ['EDQUOT', 122, 'disk quota exceeded'],
]

/** The number of an errno name on Linux. */
export function numberOf(name: string): number | undefined {
  // Node.js uses the negative number
  for (const [number, [known]] of getSystemErrorMap()) if (known === name) return -number
  return UNKNOWN_TO_NODE.find(([known]) => known === name)?.[1]
}

/** An errno with its name and text, as far as they are known. */
export function describeErrno(number: number): string {
  const [own, , ownText] = UNKNOWN_TO_NODE.find(row => row[1] === number) ?? []
  const [name = own, text = ownText] = getSystemErrorMap().get(-number) ?? []
  return name === undefined ? `${number}` : `${number} is ${name}, ${text}`
}
