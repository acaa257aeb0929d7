/** `picket collector`: its options and help. The work is in ../fleet. */
import type { Command } from 'commander'

const EXAMPLES = `
Examples:
  sudo picket collector --config picket.yaml      reads the journal, sends to the fleet's brokers
  kill -HUP PID                                   read the sources of the configuration again

What the brokers do not take waits in the spool, also over a restart. The log is on standard error.`

export function addCollector(program: Command): void {
  program
    .command('collector')
    .description('send what this host’s firewall logs to the fleet')
    .option(
      '--config <file>',
      'the configuration (default: $PICKET_CONFIG, /etc/picket/picket.yaml, or none)',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, self: Command) => {
      const { runService } = await import('../fleet/run-service.ts')
      const { COLLECTOR } = await import('../fleet/collector.ts')
      process.exitCode = await runService(COLLECTOR, self.optsWithGlobals<{ config?: string }>())
    })
}
