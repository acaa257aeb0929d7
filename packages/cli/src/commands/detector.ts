/** `picket detector`: its options and help. The work is in ../fleet. */
import type { Command } from 'commander'

const EXAMPLES = `
Examples:
  picket detector --config /etc/picket/picket.yaml
  picket topics apply                             make the topics first, once for the fleet
  curl -s 127.0.0.1:9479/readyz                   has it taken up its work?

Start as many as you like: they share the partitions of picket.packets. What one knew is in Redis for the next.`

export function addDetector(program: Command): void {
  program
    .command('detector')
    .description('judge what the collectors of a fleet publish (needs Kafka and Redis)')
    .option('--config <file>', 'the configuration (default: $PICKET_CONFIG or /etc/picket/picket.yaml)')
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, self: Command) => {
      const { runService } = await import('../fleet/run-service.ts')
      const { DETECTOR } = await import('../fleet/detector.ts')
      process.exitCode = await runService(DETECTOR, self.optsWithGlobals<{ config?: string }>())
    })
}
