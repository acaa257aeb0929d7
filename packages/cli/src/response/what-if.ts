/**
 * `picket decide --what-if`: the alerts that still lie on the topic, through other rules.
 *
 * It reads as anybody who may read alerts can, joins no group and writes nothing.
 */
import { AllowList, type Replayed, WhatIf } from '@picket/responder'
import { makeLogger, type Queue, QueueError } from '@picket/runtime'
import { type Alert, safeText } from '@picket/schemas'
import { alertOf, MESSAGES } from '@picket/schemas/messages'
import type { DecideFlags } from '../commands/decide.ts'
import { allowEntries } from '../config/bans-schema.ts'
import { decisionPolicy } from '../config/decisions-schema.ts'
import { DURATION, durationSeconds } from '../config/duration.ts'
import { findConfig, loadConfig } from '../config/load.ts'
import { WrongUse } from '../failures.ts'
import { openQueue } from '../fleet/open-queue.ts'
import { isoTime } from '../report/document.ts'
import { plural } from '../terminal/words.ts'
import { printJson } from './ask.ts'

export async function runDecide(flags: DecideFlags): Promise<void> {
  const since = Date.now() - secondsOf(flags.since) * 1000
  const [fleet, other] = await Promise.all([
    loadConfig(findConfig(flags.config, process.env)),
    loadConfig(flags.whatIf),
  ])
  const { decisions, bans, allow, rules } = other.config
  const named = Object.keys(other.config.channels)
  const channels = named.length > 0 ? named : Object.keys(fleet.config.channels)
  const entries = allowEntries(allow, rules.allow)
  const what = new WhatIf(
    decisionPolicy(decisions, bans),
    channels.length > 0 ? channels : ['mail'],
    new AllowList(entries),
  )
  const log = makeLogger({ level: 'error', format: 'auto' })
  const queue = await openQueue(fleet, log)
  try {
    const alerts = await readAlerts(queue, `${fleet.config.kafka.prefix}.alerts`, since)
    const replayed = alerts.flatMap((alert) => what.replay(alert) ?? [])
    if (flags.json === true) printJson(documentOf(replayed))
    else print(replayed)
  } catch (error) {
    if (error instanceof QueueError && error.reason !== 'broken')
      throw new WrongUse(error.message, { cause: error })
    throw error
  } finally {
    await queue.close()
  }
}

async function readAlerts(queue: Queue, topic: string, since: number): Promise<Alert[]> {
  const alerts: Alert[] = []
  const partitions = await queue.partitions(topic)
  for (let partition = 0; partition < partitions; partition++) {
    const { start, end } = await queue.extent(topic, partition)
    for await (const { value, time } of queue.read(topic, partition, start, end)) {
      const decoded = value === null || time < since ? undefined : MESSAGES.alert.decode(value)
      if (decoded?.ok === true) alerts.push(alertOf(decoded.value))
    }
  }
  return alerts.sort((a, b) => a.time - b.time || a.revision - b.revision)
}

function documentOf(replayed: readonly Replayed[]): unknown {
  return {
    ...totals(replayed),
    alerts: replayed.map(({ alert, decision }) => ({
      time: isoTime(alert.time),
      alert: alert.id,
      incident: alert.incident.id,
      source: alert.incident.source,
      prefix: alert.incident.prefix,
      level: alert.incident.level,
      tell: decision.tell.map(({ channel }) => channel),
      page: decision.page,
      ban:
        decision.ban === undefined ? null : { subject: decision.ban.subject, seconds: decision.ban.seconds },
      reasons: decision.reasons,
    })),
  }
}

interface Totals {
  readonly told: number
  readonly banned: number
  readonly sources: number
}

function totals(replayed: readonly Replayed[]): Totals {
  const banned = replayed.flatMap(({ decision }) => decision.ban?.subject ?? [])
  return {
    told: replayed.filter(({ decision }) => decision.tell.length > 0).length,
    banned: banned.length,
    sources: new Set(banned).size,
  }
}

function print(replayed: readonly Replayed[]): void {
  for (const { alert, decision } of replayed) {
    if (decision.tell.length === 0 && decision.ban === undefined) continue
    const who = alert.incident.source ?? alert.incident.prefix
    say(`${isoTime(alert.time)}  level ${alert.incident.level}  ${who}`)
    if (decision.tell.length > 0)
      say(`  would have told ${decision.tell.map(({ channel }) => channel).join(', ')}`)
    for (const { text } of decision.reasons.slice(1)) say(`  ${text.replace(/^banned/, 'would have banned')}`)
  }
  const { told, banned, sources } = totals(replayed)
  say(
    `${plural(replayed.length, 'alert')}: ${told} would have been told, ${plural(banned, 'ban')} of ${plural(sources, 'source')}`,
  )
}

function secondsOf(text: string): number {
  const seconds = DURATION.test(text) ? durationSeconds(text) : Number.NaN
  if (Number.isNaN(seconds)) throw new WrongUse(`${text} is no duration: write 24h or 7d`)
  return seconds
}

function say(line: string): void {
  process.stdout.write(`${safeText(line)}\n`)
}
