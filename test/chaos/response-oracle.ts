/**
 * What a responder is to do about the alerts of a topic, told the plain way: weighed and decided one after the other, in one process that
 * nothing happens to.
 */
import {
  AllowList,
  DEFAULT_BAN_POLICY,
  DEFAULT_DECISIONS,
  type Decision,
  type DecisionPolicy,
  decide,
  NOTHING_TOLD,
  type Standing,
  weigh,
} from '@picket/responder'
import type { Message, Queue } from '@picket/runtime'
import type { Alert } from '@picket/schemas'
import { alertOf, MESSAGES } from '@picket/schemas/messages'
import { all } from './oracle.ts'
import { ALLOWED } from './response-alerts.ts'

const BAN_SECONDS = 3_600

const RULE = { name: 'serious', when: { level: 3 }, tell: ['*'] }

/** Section `decisions` of the configuration, as `POLICY` is. */
export const DECISIONS: object = { rules: [{ ...RULE, ban: BAN_SECONDS }] }

const POLICY: DecisionPolicy = {
  ...DEFAULT_DECISIONS,
  rules: [{ ...RULE, page: false, banSeconds: BAN_SECONDS, banHosts: [] }],
  bans: DEFAULT_BAN_POLICY,
}
const ALLOW = new AllowList([{ network: ALLOWED, until: null, comment: '', from: 'configuration' }])

export interface Due {
  /** By Message-ID, the one that it answers. */
  readonly mails: Map<string, string | undefined>
  /** By subject, how many alerts asked for it. */
  readonly bans: Map<string, number>
}

export async function dueOf(queue: Queue, topic: string, domain: string): Promise<Due> {
  const due: Due = { mails: new Map(), bans: new Map() }
  for (let partition = 0; partition < (await queue.partitions(topic)); partition++) {
    const standings = new Map<string, Standing>()
    const threads = new Map<string, string>()
    for (const message of await all(queue, topic, partition)) {
      const alert = alertIn(message)
      const { tell, ban } = decided(alert, standings)
      if (ban !== undefined) due.bans.set(ban.subject, (due.bans.get(ban.subject) ?? 0) + 1)
      if (tell.length > 0) addMail(due, `<alert.${alert.id}@${domain}>`, alert.incident.id, threads)
    }
  }
  return due
}

function addMail({ mails }: Due, id: string, incident: string, threads: Map<string, string>): void {
  const first = threads.get(incident)
  mails.set(id, first)
  if (first === undefined) threads.set(incident, id)
}

function alertIn({ value }: Message): Alert {
  const decoded = MESSAGES.alert.decode(value ?? new Uint8Array())
  if (!decoded.ok) throw new Error(decoded.detail)
  return alertOf(decoded.value)
}

function decided(alert: Alert, standings: Map<string, Standing>): Pick<Decision, 'tell' | 'ban'> {
  const now = Date.now()
  const { judgement, standing } = weigh(standings.get(alert.incident.id), alert, now)
  if (standing === undefined) return { tell: [], ban: undefined }
  standings.set(alert.incident.id, standing)
  const known = { told: NOTHING_TOLD, past: [], bannedUntil: undefined, channels: ['ops'] }
  return decide({ alert, judgement, allow: ALLOW, mode: 'enabled', now, ...known }, POLICY)
}
