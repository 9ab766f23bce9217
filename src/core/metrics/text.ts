/** One series of a metric. */
export type Sample = readonly [name: string, labels: Readonly<Record<string, string>>, value: number]

type MetricType = 'counter' | 'gauge' | 'histogram'

/**
 * One metric with all its series, in the text format of Prometheus. Not prom-client: it adds 0.1 s to the start of a
 * process and keeps its numbers in that process, while the node's numbers come from a log.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function family(name: string, type: MetricType, help: string, samples: readonly Sample[]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map(sampleText)].join('\n')
}

/** Like {@link family}, for a metric with one series. */
export function single(name: string, type: MetricType, help: string, value: number, labels = {}): string {
  return family(name, type, help, [[name, labels, value]])
}

function sampleText([name, labels, value]: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`)
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
}
