/**
 * Alertmanager: posts an alert, and posts it again while its incident lasts, as Alertmanager wants of its clients.
 *
 * What is active lives in memory: whoever begins to send is told what stands, and goes on. If nobody does, alerts end by themselves after
 * four missed re-sends.
 */
import {
  type ActiveAlert,
  activeAlert,
  alertmanagerAlert,
  type Channel,
  type IncidentNotice,
  type Notice,
  type Sent,
  threadOf,
} from '../../tell/index.ts'
import { failureOf, post } from './post.ts'
import type { AlertmanagerSettings } from './settings.ts'
import { bearer } from './webhook.ts'

const MISSED_RESENDS = 4
/** Beyond this the alert that began first is re-sent no more; it ends by itself. */
const MAX_ACTIVE = 5_000
/** How long what concerns no incident stays. */
const OPERATIONAL_MS = 3_600_000
/** What was told within it may not be among what stands yet. */
const FRESH_MS = 60_000

interface Active {
  readonly alert: ActiveAlert
  /** Infinity for an incident: it ends when it is said to have ended. */
  readonly until: number
  readonly since: number
}

export class AlertmanagerChannel implements Channel {
  readonly name: string
  readonly type = 'alertmanager'
  readonly #settings: AlertmanagerSettings
  readonly #sender: string
  readonly #active = new Map<string, Active>()
  #timer: NodeJS.Timeout | undefined

  constructor(name: string, settings: AlertmanagerSettings, sender: string) {
    this.name = name
    this.#settings = settings
    this.#sender = sender
  }

  async send(notice: Notice, signal?: AbortSignal): Promise<Sent> {
    if (notice.kind === 'digest') return { ok: true, answer: 'a digest is no alert' }
    const thread = threadOf(notice)
    const before = this.#active.get(thread)?.alert
    const alert = activeAlert(notice, this.#sender)
    const now = Date.now()
    const ending = notice.kind === 'resolve'
    const current = ending ? [] : [alertmanagerAlert(alert, this.#endsAt(now))]
    const ended = [...(ending ? [alert] : []), ...(before === undefined ? [] : [before])]
      .filter((old, at, all) => all.findIndex((other) => sameLabels(other, old)) === at)
      .filter((old) => ending || !sameLabels(old, alert))
      .map((old) => alertmanagerAlert(old, now))
    const sent = await this.#post([...ended, ...current], signal)
    if (sent.ok) this.#keep(thread, notice, alert, now)
    return sent
  }

  #keep(thread: string, notice: Notice, alert: ActiveAlert, now: number): void {
    this.#active.delete(thread)
    if (notice.kind === 'resolve' || notice.kind === 'sample') return
    const until = notice.kind === 'operational' ? now + OPERATIONAL_MS : Number.POSITIVE_INFINITY
    this.#active.set(thread, { alert, until, since: now })
    const [oldest] = this.#active.keys()
    if (this.#active.size > MAX_ACTIVE && oldest !== undefined) this.#active.delete(oldest)
    this.#timer ??= setInterval(() => void this.#resend(), this.#settings.resendSeconds * 1_000).unref()
  }

  stand(notices: readonly IncidentNotice[]): void {
    const now = Date.now()
    const threads = new Set(notices.map(threadOf))
    for (const [thread, { until, since }] of this.#active)
      if (until === Number.POSITIVE_INFINITY && !threads.has(thread) && now - since > FRESH_MS)
        this.#active.delete(thread)
    for (const notice of notices)
      if (!this.#active.has(threadOf(notice)))
        this.#keep(threadOf(notice), notice, activeAlert(notice, this.#sender), now)
  }

  /** All that is active, in one request. A failure is no event: the next round is soon, and a new notice meets the same fault. */
  async #resend(): Promise<void> {
    const now = Date.now()
    for (const [thread, { until }] of this.#active) if (until <= now) this.#active.delete(thread)
    const all = [...this.#active.values()].map(({ alert }) => alertmanagerAlert(alert, this.#endsAt(now)))
    if (all.length > 0) await this.#post(all)
  }

  #endsAt(now: number): number {
    return now + this.#settings.resendSeconds * MISSED_RESENDS * 1_000
  }

  async #post(alerts: readonly object[], signal?: AbortSignal): Promise<Sent> {
    const { url, tokenFile } = this.#settings
    try {
      const secret = tokenFile === undefined ? {} : await bearer(tokenFile)
      const headers = { 'content-type': 'application/json', ...secret }
      const address = `${url.replace(/\/+$/, '')}/api/v2/alerts`
      return await post({ url: address, body: JSON.stringify(alerts), headers }, this.#settings, signal)
    } catch (error) {
      return failureOf(error as Error, undefined)
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
  }
}

function sameLabels(a: ActiveAlert, b: ActiveAlert): boolean {
  return JSON.stringify(a.labels) === JSON.stringify(b.labels)
}
