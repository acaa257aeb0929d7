/**
 * What if: stored alerts once more, through other rules, as if each had just come.
 *
 * Each is decided at its own time, and what was told and banned is carried along, so limits and lengths behave as they would have.
 */
import type { Alert } from '@picket/schemas'
import type { AllowList } from './allow-list.ts'
import type { PastBan } from './ban-length.ts'
import { subjectOfSource } from './ban-subject.ts'
import { type Decision, decide } from './decide.ts'
import type { DecisionPolicy } from './decision-policy.ts'
import { counting, NOTHING_TOLD, type ToldCount } from './mail-limits.ts'
import { type Standing, weigh } from './weigh.ts'

export interface Replayed {
  readonly alert: Alert
  readonly decision: Decision
}

export class WhatIf {
  readonly #policy: DecisionPolicy
  readonly #channels: readonly string[]
  readonly #allow: AllowList
  readonly #standings = new Map<string, Standing>()
  readonly #bans = new Map<string, PastBan[]>()
  readonly #told = new Map<string, ToldCount>()

  constructor(policy: DecisionPolicy, channels: readonly string[], allow: AllowList) {
    this.#policy = policy
    this.#channels = channels
    this.#allow = allow
  }

  /** In the order of their time. Undefined for an alert that was already seen. */
  replay(alert: Alert): Replayed | undefined {
    const now = alert.time
    const { judgement, standing } = weigh(this.#standings.get(alert.incident.id), alert, now)
    if (standing === undefined) return undefined
    this.#standings.set(standing.incident, standing)
    const source = alert.incident.source ?? alert.incident.prefix
    const subject = subjectOfSource(source) ?? source
    const past = this.#bans.get(subject) ?? []
    const told = this.#told.get(source) ?? NOTHING_TOLD
    const until = Math.max(0, ...past.map((ban) => ban.until))
    const decision = decide(
      {
        ...{ alert, judgement, told, past, now },
        channels: this.#channels,
        allow: this.#allow,
        mode: 'enabled',
        bannedUntil: until > now ? until : undefined,
      },
      this.#policy,
    )
    this.#note(source, subject, told, past, decision, now)
    return { alert, decision }
  }

  #note(
    source: string,
    subject: string,
    told: ToldCount,
    past: readonly PastBan[],
    { ban, tell, reasons }: Decision,
    now: number,
  ): void {
    const isTold = tell.length > 0
    const isOffered = isTold || reasons.some(({ code }) => code === 'mail-limit' || code === 'mail-throttle')
    this.#told.set(source, counting(told, isOffered, isTold))
    if (ban !== undefined) this.#bans.set(subject, [...past, { from: now, until: now + ban.seconds * 1000 }])
  }
}
