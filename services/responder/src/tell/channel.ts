/**
 * Port of what notices are told through, and of the queue in which they wait for it.
 *
 * `send` never rejects: what the outside does is an expected outcome. It is called for one notice at a time, and again for the
 * same one when the answer was lost, so the other side must be able to recognise a repeat by the notice's id.
 */
import type { MailPlan } from './mail-plan.ts'
import type { IncidentNotice, Notice } from './notice.ts'

/** Closed: names in the configuration, and a metric label. */
export const CHANNEL_TYPES = [
  'mail',
  'webhook',
  'slack',
  'pagerduty',
  'alertmanager',
  'syslog',
  'ecs',
  'ocsf',
  'dshield',
  'script',
  'stdout',
] as const
export type ChannelType = (typeof CHANNEL_TYPES)[number]

/** Those that are told when an incident is over; people are not. */
export const TELLS_ENDS: ReadonlySet<ChannelType> = new Set([
  'pagerduty',
  'alertmanager',
  'webhook',
  'ecs',
  'ocsf',
])

/** Closed: a metric label. */
export const SEND_FAILURES = [
  /** The other side will not have this notice, now or ever. */
  'refused',
  /** It asks to come again later. */
  'busy',
  /** No connection, or it broke. */
  'unreachable',
  'timed-out',
  /** Its certificate is not trusted, or it offers no TLS. */
  'untrusted',
  /** The address lies in a network that the configuration does not allow. */
  'forbidden-address',
  /** A file that the configuration names cannot be read, and the like. */
  'misconfigured',
  /** It was tried for as long as is reasonable. */
  'given-up',
  /** The notice cannot even be put into words: a fault of ours. */
  'broken',
  /** Too many wait already. */
  'queue-full',
] as const
export type SendFailureReason = (typeof SEND_FAILURES)[number]

export interface SendFailure {
  readonly ok: false
  readonly reason: SendFailureReason
  readonly retryable: boolean
  /** For a person; may hold text of the other side. */
  readonly why: string
  /** The other side asked for so much patience. */
  readonly afterMs?: number
}

export interface SendSuccess {
  readonly ok: true
  /** What the other side said, e.g. `250 2.0.0 Ok: queued as 4XbT` or `HTTP 202`. */
  readonly answer: string
  /** Some of those it was meant for will never have it, and why. */
  readonly partly?: string
}

export type Sent = SendSuccess | SendFailure

export interface Channel {
  readonly name: string
  readonly type: ChannelType
  /** Aborting it ends the attempt; the outcome is then a retryable failure. */
  send(notice: Notice, signal?: AbortSignal): Promise<Sent>
  /**
   * For what must be told for as long as it lasts: incidents that stand now. Of others that it was told of more than a minute ago it
   * forgets: they are over, or another process tells them.
   */
  stand?(notices: readonly IncidentNotice[]): void
  close(): Promise<void>
}

export interface Waiting {
  readonly notice: Notice
  /** When it was put, ms since 1970 UTC. */
  readonly since: number
}

/** Keeps the plan of each channel for people across restarts. */
export interface PlanStore {
  load(channel: string): Promise<MailPlan | undefined>
  save(channel: string, plan: MailPlan): Promise<void>
}

/** What a plan becomes, and what leaves by it. */
export interface PlanStep<T> {
  readonly plan: MailPlan
  readonly leaving: readonly Waiting[]
  readonly answer: T
}

/**
 * Plans beside a queue that several processes share. Both change in one step: else one process would plan anew what another has sent by
 * then.
 */
export interface SharedPlans {
  /** `step` is asked again where another process was faster. Gives its answer, and what there was no room for. */
  replan<T>(
    channel: string,
    step: (before: MailPlan | undefined) => PlanStep<T>,
  ): Promise<{ readonly answer: T; readonly noRoom: readonly Notice[] }>
}

/**
 * Notices that wait, a queue a channel. A notice stays until `done`; put again under the same id it is not put twice.
 * Ids that are done may be forgotten: the caller does not put what it has noted as told.
 */
export interface NoticeQueue {
  put(channel: string, waiting: Waiting): Promise<'put' | 'known' | 'full'>
  /** The oldest whose thread is not among those to be passed over. */
  next(channel: string, passOver: ReadonlySet<string>): Promise<Waiting | undefined>
  done(channel: string, id: string): Promise<void>
}
