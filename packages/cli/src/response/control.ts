/**
 * What the responder answers about bans over its control socket.
 *
 * What is asked comes from whoever may open the socket, so it is trusted, yet every word is checked here: a command of another version
 * must get a sentence and not a fault.
 */
import { randomUUID } from 'node:crypto'
import { type AllowEntry, canonicalNetwork, canonicalSubject, covers, type Reason } from '@picket/responder'
import type { BanSettings, RunningResponse } from '@picket/responder/main'
import type { ControlCaller, ControlRequest } from '@picket/runtime'
import { MAX_ALLOWLIST_ENTRIES } from '@picket/runtime/bans'
import { parsePrefix } from '@picket/schemas'
import type { BanCommand } from './ban-commands.ts'
import { type ExplainedView, explainSource } from './explain.ts'

type Answer = Readonly<Record<string, unknown>>

/** A fleet's responder, or that of one host. */
export interface Answering {
  /** Undefined: it decides nothing. */
  readonly response: RunningResponse | undefined
  view(): Promise<ExplainedView>
}

/** They change nothing: what a token that may only read may ask. */
const READING: ReadonlySet<string> = new Set(['status', 'bans', 'allow-list', 'allow-check', 'explain'])

export function isReading(command: string): boolean {
  return READING.has(command)
}

/** Rejects with words for whoever asks. */
export async function answerBans(
  responder: Answering,
  asked: ControlRequest,
  caller: ControlCaller,
): Promise<Answer> {
  const { response } = responder
  if (response === undefined) throw new Error('this responder decides nothing')
  const command = asked.command as BanCommand
  const request = { ...asked, ...whoAsks(asked, caller) }
  if (!isReading(command)) response.events.command(request)
  return ANSWERS[command](response, request, responder)
}

/** A token says who its holder is, whatever the request claims; the socket's owner may say who he is. */
function whoAsks({ user }: ControlRequest, caller: ControlCaller): { who: string; seenAddress?: string } {
  if (caller.kind === 'token') return { who: caller.name, seenAddress: caller.address }
  return { who: typeof user === 'string' ? user.slice(0, LONGEST_NAME) : '' }
}

/** What lies beyond the range of dates cannot be signed or shown. */
const MOST_SECONDS = 10 * 365 * 86_400

type AnswerTo = (
  response: RunningResponse,
  request: ControlRequest,
  responder: Answering,
) => Answer | Promise<Answer>

const ANSWERS: Readonly<Record<BanCommand, AnswerTo>> = {
  ban,
  unban,
  bans: async ({ response: { bans } }) => ({ mode: bans.mode, hosts: bans.hosts, bans: await bans.list() }),
  'bans-enable': (response) => enable(response, true),
  'bans-disable': (response) => enable(response, false),
  'allow-add': allowAdd,
  'allow-remove': allowRemove,
  'allow-list': ({ response: { bans }, allowlist }) => ({
    entries: bans.allow.entries,
    held: allowlist.confirmed,
  }),
  'allow-check': allowCheck,
  explain: async (response, { source }, responder) =>
    explainSource(response, await responder.view(), text(source, 'source')),
}

const LONGEST_WHY = 200
const LONGEST_NAME = 64

async function ban({ response }: RunningResponse, request: ControlRequest): Promise<Answer> {
  const { bans } = response
  const subject = subjectOf(request['subject'])
  if (request['yes'] !== true) refuseOwnAddress(subject, request)
  const never = response.protects(subject)
  if (never !== undefined) throw new Error(sayRefusal(subject, never))
  if (bans.mode === 'no-key')
    throw new Error('there is no key to sign bans: run "picket keys make" and restart the responder')
  if (bans.mode === 'dry-run')
    return { outcome: 'would-ban', subject, why: 'bans are not enabled: run "picket bans enable"' }
  const outcome = await bans.place({
    id: `hand ${randomUUID()}`,
    subject,
    seconds: secondsOf(request['seconds']),
    hosts: textsOf(request['hosts']),
    why: signed(text(request['why'] ?? 'by hand', 'why').slice(0, LONGEST_WHY), request['who']),
    by: 'hand',
  })
  if (!outcome.ok) throw new Error(sayRefusal(subject, outcome.reason))
  if ('isHandedOver' in outcome) return { outcome: 'handed-over', subject }
  return { outcome: 'banned', subject, until: outcome.record.end }
}

/** Where the caller's session comes from, as sshd told it, and where the call comes from. */
function refuseOwnAddress(subject: string, { callerAddress, seenAddress }: ControlRequest): void {
  const yours = [
    [callerAddress, 'you are logged in from'],
    [seenAddress, 'you ask from'],
  ] as const
  for (const [address, what] of yours) {
    if (typeof address === 'string' && isWithin(address, subject))
      throw new Error(
        `${subject} holds the address that ${what} (${address}): ban it with --yes if you mean it`,
      )
  }
}

/** Who asked stays with the ban, wherever it is read. */
function signed(why: string, who: unknown): string {
  return typeof who === 'string' && who !== '' ? `${why} (by ${who})` : why
}

function sayRefusal(subject: string, { text: why }: Reason): string {
  return `${subject}: ${why}`
}

async function unban({ response: { bans } }: RunningResponse, request: ControlRequest): Promise<Answer> {
  const subjects =
    request['all'] === true
      ? (await bans.list()).map(({ subject }) => subject)
      : [subjectOf(request['subject'])]
  const lifted: string[] = []
  let handedOver = 0
  for (const subject of subjects) {
    const { record, isHandedOver } = await bans.lift(subject)
    if (record !== undefined) lifted.push(subject)
    if (isHandedOver) handedOver++
  }
  return { lifted, handedOver }
}

async function enable({ response: { bans } }: RunningResponse, enabled: boolean): Promise<Answer> {
  if (enabled && bans.mode === 'no-key')
    throw new Error(
      'there is no key to sign bans: run "picket keys make", pin it on every host, and restart the responder',
    )
  bans.useSettings(await bans.state.settings.update((before) => ({ ...before, enabled, since: Date.now() })))
  return { mode: bans.mode, inForce: bans.inForce }
}

async function allowAdd(
  { response: { bans }, allowlist }: RunningResponse,
  request: ControlRequest,
): Promise<Answer> {
  const entry: AllowEntry = {
    network: networkOf(request['network']),
    until: request['seconds'] === undefined ? null : Date.now() + secondsOf(request['seconds']) * 1000,
    comment: text(request['comment'] ?? '', 'comment').slice(0, LONGEST_WHY),
    from: 'command',
    ...(request['who'] === '' ? {} : { by: text(request['who'], 'who') }),
  }
  if (bans.allow.entries.length >= MAX_ALLOWLIST_ENTRIES)
    throw new Error(
      `the allowlist has ${MAX_ALLOWLIST_ENTRIES} entries, the most that hosts take: allow networks`,
    )
  const change = (before: BanSettings): BanSettings => ({
    ...before,
    allow: [...before.allow.filter(({ network }) => network !== entry.network), entry],
  })
  const covered = allowlist.covered(entry)
  bans.useSettings(await bans.state.settings.update(change))
  await bans.liftCovered()
  await allowlist.changed()
  const left = new Set(allowlist.covered(entry))
  return { entry, lifted: covered.filter((subject) => !left.has(subject)) }
}

async function allowRemove(
  { response: { bans }, allowlist }: RunningResponse,
  request: ControlRequest,
): Promise<Answer> {
  const network = networkOf(request['network'])
  const there = bans.allow.entries.filter((entry) => entry.network === network)
  if (there.length === 0) throw new Error(`${network} is not on the allowlist`)
  if (there.every(({ from }) => from === 'configuration'))
    throw new Error(`${network} stands in the configuration: remove it there`)
  bans.useSettings(
    await bans.state.settings.update((before) => ({
      ...before,
      allow: before.allow.filter((entry) => entry.network !== network),
    })),
  )
  await allowlist.changed()
  return { removed: network }
}

function allowCheck({ response }: RunningResponse, request: ControlRequest): Answer {
  const subject = subjectOf(request['subject'])
  const entry = response.bans.allow.entryFor(subject, Date.now()) ?? null
  return { subject, entry, never: response.protects(subject)?.text ?? null }
}

function isWithin(address: string, subject: string): boolean {
  const [inner, outer] = [parsePrefix(address), parsePrefix(subject)]
  return inner !== undefined && outer !== undefined && covers(outer, inner)
}

function subjectOf(value: unknown): string {
  const subject = typeof value === 'string' ? canonicalSubject(value) : undefined
  if (subject === undefined) throw new Error(`${String(value)} is no address or network`)
  return subject
}

function networkOf(value: unknown): string {
  const network = typeof value === 'string' ? canonicalNetwork(value) : undefined
  if (network === undefined) throw new Error(`${String(value)} is no address or network`)
  return network
}

function secondsOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 1) throw new Error('how long? --for 1h')
  if (value > MOST_SECONDS) throw new Error('that is longer than ten years: give a shorter time')
  return Math.round(value)
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`${name} must be text`)
  return value
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []
}
