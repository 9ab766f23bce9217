/** What an image is made of and how it runs. */
export type ImageDefinition = {
  /** Folders of the build's context whose contents become the image's root. */
  copies: string[]
  labels: Record<string, string>
  env: Record<string, string>
  cmd: string[]
  workingDir: string
}

/**
 * Reads a Dockerfile as far as one without a base and without RUN needs it: FROM scratch, ARG, COPY FOLDER/ /, and one
 * LABEL or ENV a line. Everything else is an error, not left out.
 *
 * @param args values for ARG.
 * @throws Error with the line that is not understood, or the ARG without a value.
 */
export function readDockerfile(text: string, args: Readonly<Record<string, string>>): ImageDefinition {
  const image: ImageDefinition = { copies: [], labels: {}, env: {}, cmd: [], workingDir: '' }
  const known: Record<string, string> = {}
  const value = (word: string): string =>
    unquote(word).replace(/\$\{(\w+)\}/g, (_, name: string) => known[name] ?? refuse(word))
  const instructions: Record<string, (rest: string) => unknown> = {
    FROM: rest => rest === 'scratch' || refuse(rest),
    ARG: rest => {
      const [name = '', preset] = rest.split('=')
      known[name] = args[name] ?? preset ?? refuse(`ARG ${name} has no value`)
    },
    COPY: rest => image.copies.push(value(/^(\S+)\/ \/$/.exec(rest)?.[1] ?? refuse(rest))),
    LABEL: rest => setPair(image.labels, rest, value),
    ENV: rest => setPair(image.env, rest, value),
    WORKDIR: rest => {
      image.workingDir = value(rest)
    },
    CMD: rest => {
      image.cmd = JSON.parse(rest)
    },
  }
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? refuse(line)
    const instruction = instructions[name] ?? refuse(line)
    instruction(rest)
  }
  return image
}

/** The file with a value for each of these ARG lines, so that an engine needs no --build-arg. */
export function fillArgs(text: string, args: Readonly<Record<string, string>>): string {
  return text.replace(/^ARG (\w+)$/gm, (line, name: string) =>
    name in args ? `ARG ${name}=${args[name]}` : line,
  )
}

function setPair(target: Record<string, string>, rest: string, value: (word: string) => string): void {
  const [, key = '', word = ''] = /^([\w.]+)=(\S+|"[^"\\]*")$/.exec(rest) ?? refuse(rest)
  target[key] = value(word)
}

function unquote(word: string): string {
  return /^"(.*)"$/.exec(word)?.[1] ?? word
}

function refuse(what: string): never {
  throw new Error(`Dockerfile: cannot make an image of: ${what}`)
}
