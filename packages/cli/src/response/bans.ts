/**
 * `picket ban`, `unban`, `bans` and `allow`: what they ask the responder, and how they say the answer.
 */
import type { AllowEntry, Confirmed } from '@picket/responder'
import type { ListedBan } from '@picket/responder/main'
import { safeText } from '@picket/schemas'
import { DURATION, durationSeconds } from '../config/duration.ts'
import { WrongUse } from '../failures.ts'
import { plural } from '../terminal/words.ts'
import { type AskFlags, askResponder, printJson } from './ask.ts'

export interface BanFlags extends AskFlags {
  readonly for: string
  readonly why?: string
  readonly host: readonly string[]
  readonly yes?: boolean
}

export async function runBan(subject: string, flags: BanFlags): Promise<void> {
  const answer = await askResponder<{ outcome: string; subject: string; until?: number; why?: string }>(
    flags,
    {
      command: 'ban',
      ...{ subject, seconds: secondsOf(flags.for), hosts: flags.host, yes: flags.yes === true },
      ...(flags.why === undefined ? {} : { why: flags.why }),
      ...callerAddress(process.env),
    } as { command: string },
  )
  if (flags.json === true) return printJson(answer)
  say(BANNED[answer.outcome]?.(answer) ?? answer.outcome)
}

type Banned = { readonly subject: string; readonly until?: number; readonly why?: string }

const BANNED: Readonly<Record<string, (answer: Banned) => string>> = {
  banned: ({ subject, until }) =>
    `banned ${subject} until ${iso(until ?? 0)}; "picket bans" shows which hosts have done it`,
  'would-ban': ({ subject, why }) => `would have banned ${subject}: ${why}`,
  'handed-over': ({ subject }) =>
    `handed over to the responder that signs for ${subject}; "picket bans" there shows it`,
}

/** The address of the caller's own session, as sshd says it. */
export function callerAddress(env: NodeJS.ProcessEnv): { readonly callerAddress?: string } {
  const [address] = (env['SSH_CONNECTION'] ?? env['SSH_CLIENT'] ?? '').split(' ')
  return address === undefined || address === '' ? {} : { callerAddress: address }
}

export async function runUnban(
  subject: string | undefined,
  flags: AskFlags & { readonly all?: boolean },
): Promise<void> {
  if ((subject === undefined) === (flags.all !== true))
    throw new WrongUse('whom? an address or network, or --all')
  const request = flags.all === true ? { command: 'unban', all: true } : { command: 'unban', subject }
  const answer = await askResponder<{ lifted: readonly string[]; handedOver: number }>(flags, request)
  if (flags.json === true) return printJson(answer)
  for (const lifted of answer.lifted) say(`lifted ${lifted}`)
  if (answer.handedOver > 0) say(`${plural(answer.handedOver, 'request')} handed over to other responders`)
  if (answer.lifted.length + answer.handedOver === 0) say('nothing was banned')
}

interface BansAnswer {
  readonly mode: string
  readonly hosts: readonly string[]
  readonly bans: readonly ListedBan[]
}

export async function runBans(flags: AskFlags): Promise<void> {
  const answer = await askResponder<BansAnswer>(flags, { command: 'bans' })
  if (flags.json === true) return printJson(documentOf(answer))
  say(MODE[answer.mode] ?? answer.mode)
  if (answer.bans.length === 0) say('nobody is banned')
  for (const ban of answer.bans) for (const line of linesOf(ban)) say(line)
}

const MODE: Readonly<Record<string, string>> = {
  enabled: 'bans are enabled',
  'dry-run': 'dry run: nobody is banned by a rule before "picket bans enable"',
  'no-key': 'no key: nobody can be banned before "picket keys make" and a restart of the responder',
}

function documentOf({ mode, hosts, bans }: BansAnswer): unknown {
  return { mode, hosts, bans: bans.map((ban) => ({ ...ban, since: iso(ban.since), until: iso(ban.until) })) }
}

function linesOf(ban: ListedBan): string[] {
  const where = ban.onHosts.length === 0 ? 'every host' : ban.onHosts.join(', ')
  const done = `applied on ${ban.applied.length} of ${plural(ban.hosts, 'host')}`
  return [
    `${ban.subject}  until ${iso(ban.until)}  on ${where}  ${done}  ${ban.why}`,
    ...(ban.missing.length > 0 ? [`  ! not confirmed by ${ban.missing.join(', ')}`] : []),
    ...ban.refused.map(({ host, why }) => `  ! refused by ${host}: ${why}`),
    ...ban.failed.map(({ host, why }) => `  ! failed on ${host}: ${why}`),
  ]
}

export async function runBansMode(
  command: 'bans-enable' | 'bans-disable',
  flags: AskFlags & { readonly yes?: boolean },
): Promise<void> {
  if (command === 'bans-enable' && flags.yes !== true) await confirmNeverBanned(flags)
  const { mode, inForce } = await askResponder<{ mode: string; inForce: number }>(flags, { command })
  say(MODE[mode] ?? mode)
  if (command === 'bans-disable' && inForce > 0)
    say(`${plural(inForce, 'ban')} in force will run out; lift them at once with "picket unban --all"`)
}

/** Whom the only host never bans, as it has found out. */
export interface OwnNever {
  readonly network: string
  readonly note: string
}

interface Allowed {
  readonly entries: readonly AllowEntry[]
  /** A guard knows its host; in a fleet each host knows its own. */
  readonly own?: readonly OwnNever[]
}

/** Shows who would be safe, and asks. Without a terminal there is nobody to ask. */
async function confirmNeverBanned(flags: AskFlags): Promise<void> {
  const { entries, own } = await askResponder<Allowed>(flags, { command: 'allow-list' })
  say(own === undefined ? 'Never banned by the fleet:' : 'Never banned:')
  for (const entry of entries) say(`  ${entryLine(entry)}`)
  for (const { network, note } of own ?? []) say(`  ${network}  ${note}`)
  if (entries.length === 0)
    say(
      `  nobody${own === undefined ? '' : ' else'}: add yourself first, with "picket allow add ADDRESS --comment me"`,
    )
  if (own === undefined)
    say('Each host besides never bans its own addresses, gateways, resolvers, brokers, and who is logged in.')
  if (!process.stdin.isTTY)
    throw new WrongUse('bans are not enabled yet: say that this list is right, with --yes')
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await lines.question('Is this list right, and shall bans be real from now on? [y/N] ')
  lines.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new WrongUse('bans stay a dry run')
}

export async function runAllowAdd(
  network: string,
  flags: AskFlags & { readonly for?: string; readonly comment?: string },
): Promise<void> {
  const request = {
    ...{ command: 'allow-add', network },
    ...(flags.for === undefined ? {} : { seconds: secondsOf(flags.for) }),
    ...(flags.comment === undefined ? {} : { comment: flags.comment }),
  }
  const answer = await askResponder<{ entry: AllowEntry; lifted: readonly string[] }>(flags, request)
  if (flags.json === true) return printJson(answer)
  say(`allowed ${entryLine(answer.entry)}`)
  for (const lifted of answer.lifted) say(`lifted ${lifted}`)
}

export async function runAllowRemove(network: string, flags: AskFlags): Promise<void> {
  const answer = await askResponder<{ removed: string }>(flags, { command: 'allow-remove', network } as {
    command: string
  })
  if (flags.json === true) return printJson(answer)
  say(`${answer.removed} is allowed no longer`)
}

interface AllowAnswer {
  readonly entries: readonly AllowEntry[]
  /** An older responder does not say. */
  readonly held?: Confirmed
}

export async function runAllowList(flags: AskFlags): Promise<void> {
  const answer = await askResponder<AllowAnswer>(flags, { command: 'allow-list' })
  if (flags.json === true) return printJson(answer)
  for (const entry of answer.entries) say(entryLine(entry))
  if (answer.entries.length === 0) say('nobody is on the allowlist')
  const { missing = [], refused = [] } = answer.held ?? {}
  if (missing.length > 0)
    say(`  ! not known yet by ${missing.join(', ')}: the responder alone keeps to it there`)
  for (const { host, why } of refused) say(`  ! refused by ${host}: ${why}`)
}

export async function runAllowCheck(subject: string, flags: AskFlags): Promise<boolean> {
  const request = { command: 'allow-check', subject } as { command: string }
  const answer = await askResponder<Checked>(flags, request)
  if (flags.json === true) printJson(answer)
  else say(checkedLine(answer))
  return answer.entry !== null || typeof answer.never === 'string'
}

interface Checked {
  readonly subject: string
  readonly entry: AllowEntry | null
  /** Why a guard's own host never bans it. */
  readonly never?: string | null
}

function checkedLine({ subject, entry, never }: Checked): string {
  if (entry !== null) return `${subject} is never banned: ${entryLine(entry)}`
  return never ?? `${subject} is on no allowlist entry: it can be banned`
}

function entryLine({ network, until, comment, from, by }: AllowEntry): string {
  const end = until === null ? '' : ` until ${iso(until)}`
  const whose = from === 'configuration' ? '  (configuration)' : by === undefined ? '' : `  (by ${by})`
  return `${network}${end}${comment === '' ? '' : `  ${comment}`}${whose}`
}

function secondsOf(text: string): number {
  const seconds = DURATION.test(text) ? durationSeconds(text) : Number(text)
  if (!Number.isInteger(seconds) || seconds < 1)
    throw new WrongUse(`${text} is no duration: write 30s, 10m, 1h or 2d`)
  return seconds
}

function iso(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}

function say(line: string): void {
  process.stdout.write(`${safeText(line)}\n`)
}
