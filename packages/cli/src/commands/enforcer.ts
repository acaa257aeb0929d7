/** `picket enforcer`: its options and help. The work is in ../fleet and ../enforcer. */
import type { Command } from 'commander'

export interface EnforcerFlags {
  readonly config?: string
  readonly liftAll?: boolean
  readonly resume?: boolean
  readonly list?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  sudo picket enforcer --config picket.yaml       carries out the fleet's bans on this host
  sudo picket enforcer --list                     what this host's kernel bans now, and for how long
  sudo picket enforcer --lift-all                 break glass: lifts all and holds; needs no broker, no configuration
  sudo picket enforcer --resume                   bans again
  kill -HUP PID                                   read pinned keys and the allowlist again

It needs CAP_NET_ADMIN; without it, it is a dry run. --list, --lift-all and --resume work beside "picket run" too. Bans end by themselves, also when it has ended.`

export function addEnforcer(program: Command): void {
  program
    .command('enforcer')
    .description('ban on this host what the fleet decides')
    .option(
      '--config <file>',
      'the configuration (default: $PICKET_CONFIG, /etc/picket/picket.yaml, or none)',
    )
    .option('--lift-all', 'lift every ban of this host now, and ban nothing until --resume')
    .option('--resume', 'end what --lift-all began')
    .option('--list', 'list the bans in this host’s kernel')
    .option('--json', 'with --list: one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, self: Command) => {
      process.exitCode = await run(self.optsWithGlobals<EnforcerFlags>())
    })
}

async function run(flags: EnforcerFlags): Promise<number> {
  if (flags.liftAll === true || flags.resume === true || flags.list === true) {
    const { runByHand } = await import('../enforcer/by-hand.ts')
    return runByHand(flags)
  }
  const { runService } = await import('../fleet/run-service.ts')
  const { ENFORCER } = await import('../fleet/enforcer.ts')
  return runService(ENFORCER, flags)
}
