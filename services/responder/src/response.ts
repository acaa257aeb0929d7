/**
 * Response: what a responder does about an alert: decide, place the ban, and have the notices queued.
 *
 * To carry out is safe to repeat: a ban knows the alert that asked for it, and a notice has the alert's id.
 */
import type { Alert } from '@picket/schemas'
import { type AlertMessage, alertOf } from '@picket/schemas/messages'
import type { BanDesk, Outcome } from './adapters/bans/ban-desk.ts'
import type { NoticeDesk } from './adapters/channels/notice-desk.ts'
import type { Enricher } from './adapters/enrich/enricher.ts'
import type { Seat } from './adapters/seat.ts'
import type { DecidedAlert } from './adapters/stored-values.ts'
import type { BanEvents } from './ban-events.ts'
import {
  type BanRecord,
  type Decision,
  type DecisionPolicy,
  decide,
  type Enrichment,
  incidentNotice,
  isLimiting,
  type Judgement,
  type Measure,
  type NewOperationalNotice,
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
  readonly events: BanEvents
  readonly noticeEvents: NoticeEvents
  /** Undefined: hosts answer by receipts. */
  readonly voice?: HostVoice | undefined
  readonly now: () => number
}

/** A decision under way: ban and look-ups begin at once, while earlier alerts are still being told. */
export interface CarryingOut {
  tell(): Promise<void>
}

export class Response implements Deciding {
  readonly bans: BanDesk
  readonly #options: ResponseOptions

  constructor(options: ResponseOptions) {
    this.#options = options
    this.bans = options.bans
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

  decided(decision: Decision): void {
    this.#options.events.decided(decision)
  }

  own(seat: Seat): Promise<void> {
    return this.bans.own(seat)
  }

  disown(partition: number): void {
    this.bans.disown(partition)
  }

  carryOut(decided: DecidedAlert): CarryingOut {
    const { decision, alert } = decided
    if (decision === undefined) return { tell: async () => undefined }
    // Both are asked again where they fail; nobody listens to the first failure
    let placing: Promise<Measure> | undefined = this.#place(alert, decision)
    placing.catch(() => undefined)
    const isTold = decision.tell.length > 0
    const enriching = isTold ? this.#options.enricher?.enrich(alert.incident.source) : undefined
    return {
      tell: async () => {
        const measure = await (placing ?? this.#place(alert, decision))
        placing = undefined
        if (isTold) await this.#tell(decided, decision, measure, await enriching)
      },
    }
  }

  async #place({ id, incident }: AlertMessage, decision: Decision): Promise<Measure> {
    const { ban } = decision
    const reasons = decision.reasons.map(({ text }) => text)
    if (ban === undefined) return { outcome: 'none', subject: null, seconds: 0, hosts: [], reasons }
    const { subject, seconds, why, mode } = ban
    const { voice } = this.#options
    const hosts = voice === undefined ? ban.hosts : [voice.name]
    if (mode !== 'enabled') return { outcome: 'would-ban', subject, seconds, hosts, reasons }
    const request = {
      id: `alert ${id}`,
      subject,
      seconds,
      hosts: ban.hosts,
      why: `${why} (incident ${incident.id})`,
    }
    const outcome = await this.bans.place({ ...request, by: 'rule' })
    const refusal = outcome.ok ? await this.#refusalOf(outcome) : outcome.reason
    if (refusal === undefined) return { outcome: 'banned', subject, seconds, hosts, reasons }
    const said = instead(decision.reasons, refusal).map(({ text }) => text)
    if (refusal.code === 'would-ban') return { outcome: 'would-ban', subject, seconds, hosts, reasons: said }
    return { outcome: 'none', subject, seconds: 0, hosts: [], reasons: said }
  }

  async #refusalOf(placed: Outcome): Promise<Reason | undefined> {
    return 'record' in placed ? this.#options.voice?.refuses(placed.record) : undefined
  }

  async #tell(
    { alert, at }: DecidedAlert,
    decision: Decision,
    measure: Measure,
    enrichment: Enrichment | undefined,
  ): Promise<void> {
    const { notices, noticeEvents, console } = this.#options
    const notice = incidentNotice({
      ...{ alert: alertOf(alert), time: at, decision: measure, console },
      ...(enrichment === undefined ? {} : { enrichment }),
    })
    for (const { channel } of decision.tell) noticeEvents.taken(await notices.tell(channel, notice))
    if (!decision.page) return
    const told = new Set(decision.tell.map(({ channel }) => channel))
    const summary = `Level ${alert.incident.level}: ${alert.incident.source ?? alert.incident.prefix}`
    const page = { topic: `incident-${alert.id}`, time: at, severity: 'page', summary } as const
    await this.page({ ...page, details: measure.reasons }, told)
  }

  /** To whoever hears of pages, and was not told already. */
  async page(made: NewOperationalNotice, told: ReadonlySet<string> = new Set()): Promise<void> {
    const { notices, operations } = this.#options
    const notice = operationalNotice(made)
    for (const channel of operations) if (!told.has(channel)) await notices.tell(channel, notice)
  }
}

/** A ban that was decided and then not done: the reasons say that in its place. */
function instead(reasons: readonly Reason[], refusal: Reason): Reason[] {
  return reasons.map((reason) => (BAN_CODES.has(reason.code) ? refusal : reason))
}

const BAN_CODES: ReadonlySet<string> = new Set(['ban', 'would-ban', 'no-key'])
