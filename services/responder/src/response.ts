/**
 * Response: what a responder does about an alert: decide, place the ban, and have the notices queued.
 *
 * To carry out is safe to repeat: a ban knows the alert that asked for it, and a notice has the alert's id.
 */
import type { Alert } from '@picket/schemas'
import { type AlertMessage, alertOf } from '@picket/schemas/messages'
import type { BanDesk, Outcome } from './adapters/bans/ban-desk.ts'
import { type FollowUp, FollowUps } from './adapters/bans/follow-ups.ts'
import { homeOf } from './adapters/bans/other-partitions.ts'
import type { Heard } from './adapters/bans/receipt-watch.ts'
import type { NoticeDesk } from './adapters/channels/notice-desk.ts'
import type { Enricher } from './adapters/enrich/enricher.ts'
import type { OpenStories } from './adapters/open-stories.ts'
import type { Seat } from './adapters/seat.ts'
import type { DecidedAlert } from './adapters/stored-values.ts'
import type { BanEvents } from './ban-events.ts'
import {
  answered,
  type BanRecord,
  type DecidedBan,
  type Decision,
  type DecisionPolicy,
  decide,
  type Enrichment,
  type IncidentNotice,
  incidentNotice,
  isLimiting,
  type Judgement,
  type Measure,
  type NewOperationalNotice,
  NOTHING_TOLD,
  openStory,
  operationalNotice,
  type Reason,
  subjectOfSource,
  type ToldCount,
} from './index.ts'
import type { NoticeEvents } from './notice-events.ts'

/** What folding alerts asks. */
export interface Deciding {
  readonly isLimiting: boolean
  /** Whose mails are counted together. */
  countedBy(alert: AlertMessage): string
  decide(alert: Alert, judgement: Judgement, told: ToldCount): Decision
  /** It is committed. */
  decided(decision: Decision): void
  own(seat: Seat): Promise<void>
  disown(partition: number): void
}

/** What the only host says to a ban, where it is this very process: then nobody is told of a ban that it refuses. */
export interface HostVoice {
  readonly name: string
  /** Whom it never bans. */
  protects(subject: string): Reason | undefined
  /** Why a ban that was placed is not carried out. Code `would-ban`: the host itself is a dry run. */
  refuses(record: BanRecord): Promise<Reason | undefined>
}

export interface ResponseOptions {
  readonly policy: DecisionPolicy
  readonly channels: readonly string[]
  /** Those that hear of pages. */
  readonly operations: readonly string[]
  readonly bans: BanDesk
  readonly notices: NoticeDesk
  readonly enricher: Enricher | undefined
  readonly console: string | undefined
  readonly stories: OpenStories
  /** Channels that are told of an incident's end. */
  readonly ending: readonly string[]
  /** Of the alerts. */
  readonly partitions: () => number
  /** A host that has not answered by then is late. */
  readonly confirmMs: number
  /** A notice leaves by then with what hosts have answered. */
  readonly answerMs: number
  readonly events: BanEvents
  readonly noticeEvents: NoticeEvents
  /** Undefined: hosts answer by receipts. */
  readonly voice?: HostVoice | undefined
  readonly now: () => number
}

export type ResponseChange = Pick<
  ResponseOptions,
  'policy' | 'channels' | 'operations' | 'enricher' | 'console' | 'confirmMs' | 'answerMs' | 'ending'
>

interface Placed {
  readonly measure: Measure
  readonly heard?: Heard
}

interface Telling extends DecidedAlert {
  readonly decision: Decision
  readonly partition: number
}

/** A decision under way: ban and look-ups begin at once, while earlier alerts are still being told. */
export interface CarryingOut {
  tell(): Promise<void>
}

export class Response implements Deciding {
  readonly bans: BanDesk
  #options: ResponseOptions
  readonly #followUps: FollowUps

  constructor(options: ResponseOptions) {
    const { bans, notices, noticeEvents } = options
    this.#options = options
    this.bans = bans
    this.#followUps = new FollowUps({
      now: options.now,
      operations: () => this.#options.operations,
      homeOf: (subject) => homeOf(subject, options.partitions()),
      answersTo: (asked) => bans.receipts.confirmations.answersTo(asked),
      tell: async (channel, notice) => noticeEvents.taken(await notices.tell(channel, notice)),
    })
  }

  /** Of a new configuration: what is under way ends as it was begun. */
  use(part: ResponseChange): void {
    this.#options = { ...this.#options, ...part }
  }

  get isLimiting(): boolean {
    return isLimiting(this.#options.policy.mail)
  }

  countedBy({ incident, evidence }: AlertMessage): string {
    const source = incident.source ?? incident.prefix
    if (!this.#options.policy.mail.perDestination) return source
    return `${source} ${evidence.at(-1)?.dst ?? incident.hosts[0] ?? ''}`
  }

  decide(alert: Alert, judgement: Judgement, told: ToldCount): Decision {
    const { policy, channels, bans, now } = this.#options
    const subject = subjectOfSource(alert.incident.source ?? '') ?? ''
    const history = bans.historyOf(subject)
    const known = { allow: bans.allow, mode: bans.mode, now: now(), onlyHost: this.#options.voice?.name }
    return this.#unprotected(decide({ alert, judgement, channels, told, ...history, ...known }, policy))
  }

  #unprotected(decision: Decision): Decision {
    const why = decision.ban === undefined ? undefined : this.protects(decision.ban.subject)
    if (why === undefined) return decision
    return { ...decision, ban: undefined, reasons: instead(decision.reasons, why) }
  }

  protects(subject: string): Reason | undefined {
    return this.#options.voice?.protects(subject)
  }

  /** Of an incident of which there is nothing new to tell. */
  decideAgain(alert: Alert): Decision {
    return this.decide(alert, { tell: false, reason: 'nothing-new' }, NOTHING_TOLD)
  }

  decided(decision: Decision): void {
    this.#options.events.decided(decision)
  }

  async own(seat: Seat): Promise<void> {
    await this.bans.own(seat)
    await this.#followUps.own(seat)
    await this.#options.stories.own(seat)
  }

  disown(partition: number): void {
    this.bans.disown(partition)
    this.#followUps.disown(partition)
    this.#options.stories.disown(partition)
  }

  /** Tells where hosts have answered otherwise than was told. */
  followUp(): Promise<void> {
    return this.#followUps.look()
  }

  /** `partition`: of the alert. */
  carryOut(decided: DecidedAlert, partition: number): CarryingOut {
    const { decision, alert } = decided
    if (decision === undefined) return { tell: async () => undefined }
    // Both are asked again where they fail; nobody listens to the first failure
    let placing: Promise<Placed> | undefined = this.#place(alert, decision)
    placing.catch(() => undefined)
    const isTold = decision.tell.length > 0
    const enriching = isTold ? this.#options.enricher?.enrich(alert.incident.source) : undefined
    return {
      tell: async () => {
        const first = placing
        placing = undefined
        const placed = await (first ?? this.#place(alert, decision))
        if (isTold) await this.#tell({ ...decided, decision, partition }, placed, await enriching)
      },
    }
  }

  async #place({ id, incident, logged }: AlertMessage, decision: Decision): Promise<Placed> {
    const { ban, tell } = decision
    const reasons = decision.reasons.map(({ text }) => text)
    if (ban === undefined)
      return { measure: { outcome: 'none', subject: null, seconds: 0, hosts: [], reasons } }
    const { subject, seconds, why, mode } = ban
    const { voice, now, answerMs } = this.#options
    const hosts = voice === undefined ? ban.hosts : [voice.name]
    if (mode !== 'enabled') return { measure: { outcome: 'would-ban', subject, seconds, hosts, reasons } }
    const request = {
      ...{ id: `alert ${id}`, subject, seconds, hosts: ban.hosts },
      why: `${why} (incident ${incident.id})`,
    }
    const outcome = await this.bans.place({ ...request, by: 'rule', incident: incident.id, seenAt: logged })
    const refusal = outcome.ok ? await this.#refusalOf(outcome) : outcome.reason
    if (refusal !== undefined) return { measure: notPlaced(ban, hosts, decision, refusal) }
    const measure: Measure = { outcome: 'banned', subject, seconds, hosts, reasons }
    if (voice !== undefined || tell.length === 0 || !('record' in outcome)) return { measure }
    const heard = await this.bans.receipts.answersTo(outcome.record, now, answerMs)
    const isDone = heard.answers.applied.length === heard.answers.hosts
    const said = isDone ? reasons : withoutBan(decision.reasons)
    return { measure: answered({ ...measure, reasons: said }, heard.answers), heard }
  }

  async #refusalOf(placed: Outcome): Promise<Reason | undefined> {
    return 'record' in placed ? this.#options.voice?.refuses(placed.record) : undefined
  }

  async #tell(
    { alert, at, decision, partition }: Telling,
    { measure, heard }: Placed,
    enrichment: Enrichment | undefined,
  ): Promise<void> {
    const { console } = this.#options
    const notice = incidentNotice({
      ...{ alert: alertOf(alert), time: at, decision: measure, console },
      ...(enrichment === undefined ? {} : { enrichment }),
    })
    const channels = decision.tell.map(({ channel }) => channel)
    const late = this.#followUps.of(alert.id) ?? this.#late(heard, { notice, channels })
    if (late !== undefined) await this.#followUps.begin(late)
    await this.#tellAll(channels, late?.notice ?? notice, partition)
    if (late !== undefined) await this.#followUps.keep(late)
    if (!decision.page) return
    const told = new Set(channels)
    const summary = `Level ${alert.incident.level}: ${alert.incident.source ?? alert.incident.prefix}`
    const page = { topic: `incident-${alert.id}`, time: at, severity: 'page', summary } as const
    await this.page({ ...page, details: measure.reasons }, told)
  }

  async #tellAll(channels: readonly string[], notice: IncidentNotice, partition: number): Promise<void> {
    const { notices, noticeEvents, stories, ending } = this.#options
    const subject = subjectOfSource(notice.alert.incident.source ?? '') ?? null
    const told = ending.filter((name) => channels.includes(name))
    const story = openStory(notice, told, subject)
    if (story !== undefined) stories.begin(partition, story)
    for (const channel of channels) noticeEvents.taken(await notices.tell(channel, notice))
    if (story !== undefined) await stories.keep(partition, story)
  }

  #late(heard: Heard | undefined, told: Pick<FollowUp, 'notice' | 'channels'>): FollowUp | undefined {
    if (heard === undefined || heard.answers.missing.length === 0) return undefined
    return { ...told, asked: heard.asked, dueAt: heard.since + this.#options.confirmMs }
  }

  /** To whoever hears of pages, and was not told already. */
  async page(made: NewOperationalNotice, told: ReadonlySet<string> = new Set()): Promise<void> {
    const { notices, operations } = this.#options
    const notice = operationalNotice(made)
    for (const channel of operations) if (!told.has(channel)) await notices.tell(channel, notice)
  }
}

/** It is not on every host: the notice says on which. */
function withoutBan(reasons: readonly Reason[]): string[] {
  return reasons.flatMap(({ code, text }) => (code === 'ban' ? [] : [text]))
}

/** What is said of a ban that was decided and then not done. */
function notPlaced(
  { subject, seconds }: DecidedBan,
  hosts: readonly string[],
  decision: Decision,
  refusal: Reason,
): Measure {
  const reasons = instead(decision.reasons, refusal).map(({ text }) => text)
  if (refusal.code === 'would-ban') return { outcome: 'would-ban', subject, seconds, hosts, reasons }
  return { outcome: 'none', subject, seconds: 0, hosts: [], reasons }
}

/** The reasons say what stood against it in place of the ban. */
function instead(reasons: readonly Reason[], refusal: Reason): Reason[] {
  return reasons.map((reason) => (BAN_CODES.has(reason.code) ? refusal : reason))
}

const BAN_CODES: ReadonlySet<string> = new Set(['ban', 'would-ban', 'no-key'])
