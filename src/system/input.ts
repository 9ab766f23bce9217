/** All of standard input, as text. */
export async function readInput(): Promise<string> {
  return (await readInputBytes()).toString()
}

/** All of standard input. */
export async function readInputBytes(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
}
