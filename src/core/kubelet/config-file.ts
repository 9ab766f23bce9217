import { parse } from 'yaml'

/** `volumePluginDir` of a kubelet's configuration file, YAML or JSON; undefined if the file does not set it. */
export function pluginDirIn(configuration: string): string | undefined {
  const { volumePluginDir } = mappingIn(configuration)
  return typeof volumePluginDir === 'string' && volumePluginDir !== '' ? volumePluginDir : undefined
}

/**
 * The settings in the configuration files of k3s, as arguments of its command
 * line. A later file replaces a key of an earlier one; `KEY+` appends to it.
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

/** The settings in the configuration of an OpenShift node, as arguments of its kubelet. */
export function openShiftWords(text: string): string[] {
  const { volumeDirectory, kubeletArguments } = mappingIn(text)
  const isMapping = typeof kubeletArguments === 'object' && kubeletArguments !== null
  return [
    ...(typeof volumeDirectory === 'string' ? [`--root-dir=${volumeDirectory}`] : []),
    ...Object.entries(isMapping ? kubeletArguments : {}).flatMap(([name, values]) =>
      [values].flat().map(value => `--${name}=${String(value)}`),
    ),
  ]
}

/** Empty for a file that is not valid YAML: the program it configures would not start either. */
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
