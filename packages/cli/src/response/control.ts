/**
 * What the responder answers about bans over its control socket.
 *
 * What is asked comes from whoever may open the socket, so it is trusted, yet every word is checked here: a command of another version
 * must get a sentence and not a fault.
 */
import { randomUUID } from 'node:crypto'
import { type AllowEntry, canonicalNetwork, canonicalSubject, covers, type Reason } from '@picket/responder'
import type { BanSettings, RunningResponse } from '@picket/responder/main'
import type { ControlRequest } from '@picket/runtime'
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

/** Rejects with words for whoever asks. */
export async function answerBans(responder: Answering, request: ControlRequest): Promise<Answer> {
  const { response } = responder
  if (response === undefined) throw new Error('this responder decides nothing')
  const command = request.command as BanCommand
  if (
    command !== 'bans' &&
    !command.startsWith('allow-l') &&
    command !== 'allow-check' &&
    command !== 'explain'
  )
    response.events.command(command, { ...request, command: undefined })
  return ANSWERS[command](response, request, responder)
}

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
  'allow-list': ({ response: { bans } }) => ({ entries: bans.allow.entries }),
  'allow-check': allowCheck,
  explain: async (response, { source }, responder) =>
    explainSource(response, await responder.view(), text(source, 'source')),
}

const LONGEST_WHY = 200

async function ban({ response }: RunningResponse, request: ControlRequest): Promise<Answer> {
  const { bans } = response
  const subject = subjectOf(request['subject'])
  const caller = request['callerAddress']
  if (request['yes'] !== true && typeof caller === 'string' && isWithin(caller, subject))
    throw new Error(
      `${subject} holds the address that you are logged in from (${caller}): ban it with --yes if you mean it`,
    )
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
    why: text(request['why'] ?? 'by hand', 'why').slice(0, LONGEST_WHY),
    by: 'hand',
  })
  if (!outcome.ok) throw new Error(sayRefusal(subject, outcome.reason))
  if ('isHandedOver' in outcome) return { outcome: 'handed-over', subject }
  return { outcome: 'banned', subject, until: outcome.record.end }
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

async function allowAdd({ response: { bans } }: RunningResponse, request: ControlRequest): Promise<Answer> {
  const entry: AllowEntry = {
    network: networkOf(request['network']),
    until: request['seconds'] === undefined ? null : Date.now() + secondsOf(request['seconds']) * 1000,
    comment: text(request['comment'] ?? '', 'comment').slice(0, LONGEST_WHY),
    from: 'command',
  }
  const change = (before: BanSettings): BanSettings => ({
    ...before,
    allow: [...before.allow.filter(({ network }) => network !== entry.network), entry],
  })
  bans.useSettings(await bans.state.settings.update(change))
  const lifted = await bans.liftCovered()
  return { entry, lifted: lifted.map(({ subject }) => subject) }
}

async function allowRemove(
  { response: { bans } }: RunningResponse,
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
  return Math.round(value)
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`${name} must be text`)
  return value
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []
}
