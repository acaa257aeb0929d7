/**
 * Mail planner: which notices leave now, which wait for a digest, and which say nothing new.
 *
 * One mail an incident, a further one when its level rose, a kind came or hosts did not ban as was said. A few leave at once; when many come they are gathered.
 * The budget of an hour holds for mails of all kinds and is announced in the mail that uses it up; nothing is dropped: a
 * digest lists or counts whatever was held. The caller keeps the plan, and calls again at `wakeAt`.
 */
import { spokenSeconds } from '../decide/reason.ts'
import { plainTime } from './instant.ts'
import {
  type Held,
  hold,
  holdOperational,
  type MailBudget,
  type MailPlan,
  remember,
  type Said,
  sorted,
} from './mail-plan.ts'
import type { DigestNotice, IncidentNotice, Notice, OperationalNotice } from './notice.ts'
import { many } from './words.ts'

const HOUR_MS = 3_600_000

/** Closed: a metric label. */
export type PlanOutcome = 'sent' | 'held' | 'nothing-new' | 'not-for-mail' | 'waited'

export interface Planned {
  readonly plan: MailPlan
  readonly send: readonly Notice[]
  readonly outcome: PlanOutcome
  /** When to call again with no notice; null when nothing is held. */
  readonly wakeAt: number | null
}

/** `notice` undefined: only the time has passed. */
export function planMail(
  before: MailPlan,
  notice: Notice | undefined,
  now: number,
  budget: MailBudget,
): Planned {
  const plan = { ...before, sent: before.sent.filter((at) => at > now - HOUR_MS) }
  const offered = notice === undefined ? waited(plan) : offer(plan, notice, now, budget)
  const flushed = flush(offered.plan, now, budget)
  const send = [...offered.send, ...flushed.send]
  const outcome = flushed.send.length > 0 && offered.outcome === 'held' ? 'sent' : offered.outcome
  return { plan: flushed.plan, send, outcome, wakeAt: dueAt(flushed.plan, budget) }
}

type Step = Pick<Planned, 'plan' | 'send' | 'outcome'>

function waited(plan: MailPlan): Step {
  return { plan, send: [], outcome: 'waited' }
}

function offer(plan: MailPlan, notice: Notice, now: number, budget: MailBudget): Step {
  switch (notice.kind) {
    case 'sample':
      return { plan, send: [notice], outcome: 'sent' }
    case 'resolve':
    case 'digest':
      return { plan, send: [], outcome: 'not-for-mail' }
    case 'operational':
      return offerOperational(plan, notice, now, budget)
    default:
      return offerIncident(plan, notice, now, budget)
  }
}

function offerOperational(plan: MailPlan, notice: OperationalNotice, now: number, budget: MailBudget): Step {
  if (mayLeave(plan, now, budget)) return leave(plan, notice, now, budget)
  return {
    plan: { ...plan, held: holdOperational(plan.held, notice.id, notice.summary, now) },
    send: [],
    outcome: 'held',
  }
}

function offerIncident(plan: MailPlan, notice: IncidentNotice, now: number, budget: MailBudget): Step {
  const { incident } = notice.alert
  const said = plan.said[incident.id]
  const isHeld = plan.held?.entries[incident.id] !== undefined
  if (!isHeld && said !== undefined && !isNews(said, notice))
    return { plan, send: [], outcome: 'nothing-new' }
  const threaded = inThread(notice, said)
  if (isHeld || !mayLeave(plan, now, budget)) {
    return { plan: { ...plan, held: hold(plan.held, threaded, now) }, send: [], outcome: 'held' }
  }
  const hosts = notice.isAboutHosts === true ? { hosts: [notice.id] } : {}
  const note = { level: incident.level, kinds: incident.kinds, messageId: notice.messageId, ...hosts }
  return leave({ ...plan, said: remember(plan, incident.id, note) }, threaded, now, budget)
}

function isNews(said: Said, { id, alert, isAboutHosts }: IncidentNotice): boolean {
  if (isAboutHosts === true) return said.hosts?.includes(id) !== true
  const { level, kinds } = alert.incident
  return level > said.level || kinds.some((kind) => !said.kinds.includes(kind))
}

function inThread(notice: IncidentNotice, said: Said | undefined): IncidentNotice {
  if (said === undefined) return { ...notice, kind: 'incident' }
  return { ...notice, kind: 'update', inReplyTo: said.messageId, levelBefore: said.level }
}

/** The last mail of an hour is kept for a digest, so that there is always one to tell the rest. */
function mayLeave(plan: MailPlan, now: number, { perHour, digestAfter, digestEveryMs }: MailBudget): boolean {
  const recent = plan.sent.filter((at) => at > now - digestEveryMs).length
  const single = perHour > 1 ? perHour - 1 : 1
  return plan.held === null && recent < digestAfter && plan.sent.length < single
}

function leave(plan: MailPlan, notice: Notice, now: number, budget: MailBudget): Step {
  const sent = [...plan.sent, now]
  const next = { ...plan, sent }
  const remark = mayLeave(next, now, budget) ? [] : [announcement(next, now, budget)]
  return { plan: next, send: [{ ...notice, remarks: [...notice.remarks, ...remark] }], outcome: 'sent' }
}

/** What the reader must know of the budget after this mail. */
function announcement(plan: MailPlan, now: number, budget: MailBudget): string {
  const { perHour, gatherMs } = budget
  const next = nextDigestAt(plan, now + gatherMs, budget)
  const used = `${plan.sent.length} of at most ${many(perHour, 'mail')} an hour`
  const until = plan.sent.length >= perHour ? 'The budget is used up: what' : 'What'
  return `${used}. ${until} happens now comes in one digest, not before ${plainTime(next)}; nothing is left out.`
}

function flush(plan: MailPlan, now: number, budget: MailBudget): Pick<Planned, 'plan' | 'send'> {
  const due = dueAt(plan, budget)
  if (plan.held === null || due === null || now < due) return { plan, send: [] }
  const { held } = plan
  const whole = held.only ?? digestOf(held, now)
  const messageId = held.only === null ? whole.messageId : held.only.messageId
  let next: MailPlan = { ...plan, held: null, lastDigest: now }
  for (const { incident, level, kinds } of Object.values(held.entries)) {
    next = { ...next, said: remember(next, incident, { level, kinds, messageId }) }
  }
  return leave(next, whole, now, budget)
}

/** When what is held leaves. */
function dueAt(plan: MailPlan, budget: MailBudget): number | null {
  return plan.held === null ? null : nextDigestAt(plan, plan.held.since + budget.gatherMs, budget)
}

function nextDigestAt({ sent, lastDigest }: MailPlan, gathered: number, budget: MailBudget): number {
  const afterLast = lastDigest === null ? 0 : lastDigest + budget.digestEveryMs
  const oldest = sent.length >= budget.perHour ? sent[sent.length - budget.perHour] : undefined
  return Math.max(gathered, afterLast, oldest === undefined ? 0 : oldest + HOUR_MS)
}

function digestOf(held: Held, now: number): DigestNotice {
  const { since, entries, unlisted, operational, firstId } = held
  const id = `digest.${firstId}`
  const gathered = `Gathered over ${spokenSeconds((now - since) / 1_000)}.`
  return {
    kind: 'digest',
    id,
    time: now,
    messageId: id,
    inReplyTo: null,
    remarks: [gathered],
    since,
    entries: sorted(Object.values(entries)),
    unlisted,
    operational,
  }
}
