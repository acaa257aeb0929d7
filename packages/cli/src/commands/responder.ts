/** `picket responder`: its options and help. The work is in ../fleet. */
import type { Command } from 'commander'

const EXAMPLES = `
Examples:
  picket responder --config picket.yaml
  picket responder --config picket.yaml | jq .incident.source     with alerts.format: json

Alerts are on standard output, the log on standard error. Several may run: they share the work.
Ask any of them with "picket status --config picket.yaml".`

export function addResponder(program: Command): void {
  program
    .command('responder')
    .description('keep the fleet’s alerts and tell what is new in them')
    .option(
      '--config <file>',
      'the configuration (default: $PICKET_CONFIG, /etc/picket/picket.yaml, or none)',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, self: Command) => {
      const { runService } = await import('../fleet/run-service.ts')
      const { RESPONDER } = await import('../fleet/responder.ts')
      process.exitCode = await runService(RESPONDER, self.optsWithGlobals<{ config?: string }>())
    })
}
