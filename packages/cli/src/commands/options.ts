/**
 * Options that several commands share: how files are read, and which rules and policy judge.
 */
import { type Command, InvalidArgumentError } from 'commander'

export interface ReadingFlags {
  readonly tz?: string
  readonly boot?: string
}

export interface RuleFlags {
  readonly policy: string
  readonly allow: string[]
  readonly ignore: string[]
  readonly assign: string[]
  readonly homeNet: string[]
}

export function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value]
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 up.')
  return Number(text)
}

/** Asking a responder that runs on another machine. */
export function addRemoteOptions(command: Command): Command {
  return command
    .option('--responder <host:port>', 'a responder on another machine, over TLS (default: remote.responder)')
    .option('--token-file <file>', 'with --responder: the file that holds your token')
    .option('--ca <file>', 'with --responder: the authorities to trust (PEM)')
}

export function addReadingOptions(command: Command): Command {
  return command
    .option(
      '--tz <zone>',
      'time zone of stamps that name none: UTC, Europe/Berlin, +02:00 (default: this machine’s)',
    )
    .option('--boot <time>', 'when the machine was booted, for dmesg stamps, e.g. 2026-11-23T15:00:00Z')
}

export function addRuleOptions(command: Command): Command {
  return command
    .option('--policy <policy>', 'picket, psad, or a YAML file with policy and rules', 'picket')
    .option('--allow <net>', 'an address or network that is no scanner; may be repeated', collect, [])
    .option('--ignore <what>', 'udp, tcp/61000-61356, eth1 or prefix:TEXT; may be repeated', collect, [])
    .option('--assign <file>', 'levels given by psad’s auto_dl file; may be repeated', collect, [])
    .option('--home-net <net>', 'our own network: its scanning is outbound; may be repeated', collect, [])
}
