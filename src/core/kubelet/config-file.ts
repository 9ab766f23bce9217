import { parse } from 'yaml'

/** `volumePluginDir` of a kubelet's configuration file, YAML or JSON; undefined if it names none. */
export function pluginDirIn(configuration: string): string | undefined {
  const { volumePluginDir } = mappingIn(configuration)
  return typeof volumePluginDir === 'string' && volumePluginDir !== '' ? volumePluginDir : undefined
}

/**
 * What the configuration files of k3s set, as words of its command line. A
 * later file replaces a key of an earlier one, and `KEY+` adds to it.
 * Source: k3s, pkg/configfilearg/parser.go.
 */
export function k3sWords(texts: readonly string[]): string[] {
  const settings = new Map<string, unknown[]>()
  for (const [key, value] of texts.flatMap(text => Object.entries(mappingIn(text)))) {
    const name = key.replace(/\+$/, '')
    const before = name === key ? [] : (settings.get(name) ?? [])
    settings.set(name, [...before, value].flat())
  }
  return [...settings].flatMap(([name, values]) => values.map(value => `--${name}=${String(value)}`))
}

/** A file that cannot be read as YAML holds nothing: the program that it is for would not run either. */
function mappingIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = parse(text, { logLevel: 'silent' })
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {}
  } catch {
    return {}
  }
}
