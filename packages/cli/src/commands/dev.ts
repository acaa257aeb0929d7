/** `picket dev`: its options and help. The work is in ../dev. */
import type { Command } from 'commander'

export interface DevFlags {
  readonly log?: string
  readonly state?: string
}

const EXAMPLES = `
Starts Kafka, Redis, a collector, a detector, a responder and an enforcer on loopback, makes the topics, and prints alerts
as they come. The enforcer is a dry run: this machine's firewall is never touched. It needs redis-server, java and, once, maven, which fetches Kafka (45 MB) into $XDG_CACHE_HOME/picket (or
~/.cache/picket); what is missing it names with the command that installs it. No container, no root.

Examples:
  picket dev                                      replays a recorded scan, so that something is seen
  picket dev --log /var/log/kern.log              judges that file, and what is added to it
  picket dev --state ./fleet                      keeps everything in that folder, and goes on from there next time
  picket status --config FOLDER/picket.yaml       asks its responder; the folder is printed at the start
  picket ban ADDRESS --config FOLDER/picket.yaml  after "picket bans enable": signed, refused as a dry run, and receipted
  picket detector --config FOLDER/picket.yaml     a second detector (set another metrics.port first)

Alerts are on standard output, all else on standard error; what was over an hour before is told only by "picket status".
Ctrl-C ends all of it.`

export function addDev(program: Command): void {
  program
    .command('dev')
    .description('run a whole fleet on this machine: broker, Redis and all services')
    .option('--log <file>', 'the log to follow, from its start (default: a recorded scan)')
    .option('--state <dir>', 'folder for all data; kept (default: a temporary one, removed at the end)')
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, self: Command) => {
      const { runDev } = await import('../dev/command.ts')
      process.exitCode = await runDev(self.optsWithGlobals<DevFlags>())
    })
}
