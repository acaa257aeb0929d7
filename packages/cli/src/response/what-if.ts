/**
 * `picket decide --what-if`: stored alerts through other rules: those that still lie on the topic of a fleet, or the last one of each
 * incident that a guard keeps.
 *
 * It reads as anybody who may read alerts can, joins no group and writes nothing.
 */
import { AllowList, type Replayed, WhatIf } from '@picket/responder'
import { bytesOf, makeLogger, type Queue, QueueError } from '@picket/runtime'
import { type Alert, safeText } from '@picket/schemas'
import { alertOf, MESSAGES } from '@picket/schemas/messages'
import type { DecideFlags } from '../commands/decide.ts'
import { allowEntries } from '../config/bans-schema.ts'
import { decisionPolicy } from '../config/decisions-schema.ts'
import { DURATION, durationSeconds } from '../config/duration.ts'
import { findConfig, type Loaded, loadConfig } from '../config/load.ts'
import { WrongUse } from '../failures.ts'
import { openQueue } from '../fleet/open-queue.ts'
import { isoTime } from '../report/document.ts'
import { isOfFleet } from '../status/fleet-socket.ts'
import { plural } from '../terminal/words.ts'
import { askResponder, printJson } from './ask.ts'
import { ALERTS_COMMAND } from './ban-commands.ts'

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
  const stored = isOfFleet(fleet.yaml) ? await alertsOfFleet(fleet, since) : await alertsOfGuard(flags, since)
  const alerts = stored.sort((a, b) => a.time - b.time || a.revision - b.revision)
  const replayed = alerts.flatMap((alert) => what.replay(alert) ?? [])
  if (flags.json === true) printJson(documentOf(replayed))
  else print(replayed)
}

async function alertsOfGuard({ config }: DecideFlags, since: number): Promise<Alert[]> {
  const request = { command: ALERTS_COMMAND, since }
  const flags = config === undefined ? {} : { config }
  const { alerts } = await askResponder<{ alerts: readonly string[] }>(flags, request)
  return alerts.flatMap((text) => decoded(bytesOf(Buffer.from(text, 'base64'))))
}

async function alertsOfFleet(fleet: Loaded, since: number): Promise<Alert[]> {
  const queue = await openQueue(fleet, makeLogger({ level: 'error', format: 'auto' }))
  try {
    return await readAlerts(queue, `${fleet.config.kafka.prefix}.alerts`, since)
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
      if (value !== null && time >= since) alerts.push(...decoded(value))
    }
  }
  return alerts
}

function decoded(bytes: Uint8Array): Alert[] {
  const read = MESSAGES.alert.decode(bytes)
  return read.ok ? [alertOf(read.value)] : []
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
