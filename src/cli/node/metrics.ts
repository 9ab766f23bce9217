import { Command } from 'commander'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'

type Flags = { output?: string; dashboard: boolean }

const DASHBOARD = 'grafana/dashboard.json'

/** `cephflex metrics`: Prometheus metrics, for the textfile collector of node_exporter. */
export function metrics(io: CommandIo): Command {
  return new Command('metrics')
    .description('print the Prometheus metrics of this node, or write them to a file for node_exporter')
    .option('--output <file>', 'replace this file, for example /var/lib/node_exporter/cephflex.prom')
    .option('--dashboard', 'print a Grafana dashboard for the metrics instead', false)
    .action(async ({ output, dashboard }: Flags) => {
      const { readAsset } = await import('../../system/assets.js')
      if (dashboard) return io.out(readAsset(DASHBOARD).trimEnd())
      const [{ nodeMetrics }, { nodeSystemToRead }, { asyncFiles }] = await Promise.all([
        import('../../ops/node/metrics.js'),
        import('../node-system.js'),
        import('../../system/programs.js'),
      ])
      const text = await interruptible(async signal =>
        nodeMetrics(await nodeSystemToRead(io, 'metrics', signal)),
      )
      if (output === undefined) io.out(text.trimEnd())
      else await asyncFiles.publish(output, text)
    })
}
