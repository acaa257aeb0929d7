/**
 * Commands that a reader may copy into a root shell.
 *
 * Nothing of a stranger may get into one: a subject is printed from its parsed form, and what does not parse gives no command.
 */
import { parsePrefix, printPrefix } from '@picket/schemas'

/** `picket unban 203.0.113.9`; undefined when the subject is no address or network. */
export function unbanCommand(subject: string | null): string | undefined {
  return command('unban', subject)
}

export function banCommand(subject: string | null, seconds: number): string | undefined {
  const ban = command('ban', subject)
  return ban === undefined ? undefined : `${ban} --for ${Math.max(Math.round(seconds), 1)}s`
}

export function allowCommand(subject: string | null): string | undefined {
  return command('allow add', subject)
}

function command(verb: string, subject: string | null): string | undefined {
  const prefix = subject === null ? undefined : parsePrefix(subject)
  return prefix === undefined ? undefined : `picket ${verb} ${printPrefix(prefix)}`
}
