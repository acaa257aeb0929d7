/** `picket ban`, `unban`, `bans` and `allow`: options and help. The work is in ../response. */
import type { Command } from 'commander'
import { addRemoteOptions, collect } from './options.ts'

const work = () => import('../response/bans.ts')

type Flags = Parameters<Awaited<ReturnType<typeof work>>['runBan']>[1]

function asking(command: Command): Command {
  return addRemoteOptions(command)
    .option(
      '--socket <path>',
      'the control socket of the guard or the responder (default: what the configuration says)',
    )
    .option('--config <file>', 'the configuration it was started with')
    .option('--json', 'one JSON document')
}

export function addBan(program: Command): void {
  const command = program
    .command('ban')
    .description('ban an address or network for a while, in a fleet on every host')
    .argument('<address>', 'an address or network; an IPv6 address stands for its /64')
  asking(command)
    .option('--for <duration>', 'how long: 30s, 10m, 1h, 2d', '1h')
    .option('--why <text>', 'what others will read')
    .option('--host <reporter>', 'only on this host; may be repeated', collect, [])
    .option('--yes', 'also where it would lock you out')
    .addHelpText(
      'after',
      '\nExamples:\n  sudo picket ban 203.0.113.9 --for 1h --why "scans us since noon"\n  sudo picket unban 203.0.113.9',
    )
    .action(async (subject: string, _: unknown, self: Command) => {
      await (await work()).runBan(subject, self.optsWithGlobals<Flags>())
    })
}

export function addUnban(program: Command): void {
  const command = program
    .command('unban')
    .description('lift a ban, in a fleet on every host')
    .argument('[address]', 'the address or network, as "picket bans" shows it')
  asking(command)
    .option('--all', 'lift every ban')
    .action(async (subject: string | undefined, _: unknown, self: Command) => {
      await (await work()).runUnban(subject, self.optsWithGlobals<Flags>())
    })
}

export function addBans(program: Command): void {
  const bans = asking(program.command('bans')).description(
    'show who is banned, where, until when, and by how many hosts',
  )
  bans.action(async (_: unknown, self: Command) => {
    await (await work()).runBans(self.optsWithGlobals<Flags>())
  })
  asking(bans.command('enable'))
    .description('make bans real; shows who is never banned, and asks')
    .option('--yes', 'the list is right: do not ask')
    .action(async (_: unknown, self: Command) => {
      await (await work()).runBansMode('bans-enable', self.optsWithGlobals<Flags>())
    })
  asking(bans.command('disable'))
    .description('back to the dry run; bans in force run out')
    .action(async (_: unknown, self: Command) => {
      await (await work()).runBansMode('bans-disable', self.optsWithGlobals<Flags>())
    })
}

export function addAllow(program: Command): void {
  const allow = program.command('allow').description('who is never banned')
  asking(allow.command('add'))
    .description('never ban it, and lift its bans at once')
    .argument('<network>', 'an address or network')
    .option('--for <duration>', 'only for so long: 1h, 7d')
    .option('--comment <text>', 'why')
    .action(async (network: string, _: unknown, self: Command) => {
      await (await work()).runAllowAdd(network, self.optsWithGlobals())
    })
  asking(allow.command('remove'))
    .description('take an entry off')
    .argument('<network>', 'as "picket allow list" shows it')
    .action(async (network: string, _: unknown, self: Command) => {
      await (await work()).runAllowRemove(network, self.optsWithGlobals())
    })
  asking(allow.command('list'))
    .description('all entries')
    .action(async (_: unknown, self: Command) => {
      await (await work()).runAllowList(self.optsWithGlobals())
    })
  asking(allow.command('check'))
    .description('is it on the list? exit status 1 when it is not')
    .argument('<address>', 'an address or network')
    .action(async (subject: string, _: unknown, self: Command) => {
      const isAllowed = await (await work()).runAllowCheck(subject, self.optsWithGlobals())
      if (!isAllowed) process.exitCode = 1
    })
}
