/** What can be asked of the response over a control socket. Apart from the answers, which load the responder. */
export const BAN_COMMANDS = [
  'ban',
  'unban',
  'bans',
  'bans-enable',
  'bans-disable',
  'allow-add',
  'allow-remove',
  'allow-list',
  'allow-check',
  'explain',
] as const
export type BanCommand = (typeof BAN_COMMANDS)[number]

export function isBanCommand(command: string): command is BanCommand {
  return (BAN_COMMANDS as readonly string[]).includes(command)
}

/** What only a guard is asked: a fleet's alerts lie on a topic that anybody with the right can read. */
export const ALERTS_COMMAND = 'alerts'
