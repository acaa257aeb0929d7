/** `picket run`: its options and help. The work is in ../run. */
import type { Command } from 'commander'

export interface RunFlags {
  readonly config?: string
  readonly color: boolean
}

const EXAMPLES = `
Examples:
  sudo picket run                                 reads the journal, state in /var/lib/picket
  picket config show | less                       what it would do
  picket run --config ./picket.yaml
  kill -HUP PID                                   read the configuration again

Alerts are on standard output, the log on standard error. Ask it with "picket status". With a section "channels" it tells people,
with a rule that bans and "picket bans enable" it bans (docs/running.md).`

export function addRun(program: Command): void {
  program
    .command('run')
    .description('guard this host: follow its firewall log and tell of scanners')
    .option(
      '--config <file>',
      'the configuration (default: $PICKET_CONFIG, /etc/picket/picket.yaml, or none)',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, self: Command) => {
      const { runRun } = await import('../guard/command.ts')
      process.exitCode = await runRun(self.optsWithGlobals<RunFlags>())
    })
}
