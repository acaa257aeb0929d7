/**
 * Decide: whom an alert is told, and whether its source is banned, with the reasons for both.
 *
 * Pure: what is known of the past comes in, what is to be remembered goes out. Whether bans are real (`mode`) changes no rule, only the
 * words and what the caller then does, so a dry run tells exactly what would have happened.
 */
import type { Alert } from '@picket/schemas'
import { type AllowList, sayEntry } from './allow-list.ts'
import { banLength, type PastBan } from './ban-length.ts'
import { obstacleTo, proofOf, sayProof } from './ban-obstacle.ts'
import { subjectOfSource } from './ban-subject.ts'
import type { DecisionPolicy, DecisionRule } from './decision-policy.ts'
import { mailVerdict, type ToldCount } from './mail-limits.ts'
import { firstRule, hasPrefix } from './match-rule.ts'
import { EXTERNAL_SCRIPT } from './psad-switches.ts'
import { type Reason, reason, spokenSeconds } from './reason.ts'
import { type Judgement, STALE_MS } from './weigh.ts'

/** `dry-run`: bans are decided and said, and not done. `no-key`: nor could they be. */
export type BanMode = 'enabled' | 'dry-run' | 'no-key'

export interface DecisionInput {
  readonly alert: Alert
  /** Whether the alert says what nobody was told yet. */
  readonly judgement: Judgement
  readonly channels: readonly string[]
  /** Of the source, so far. */
  readonly told: ToldCount
  /** Bans of the subject so far, and until when one is in force. */
  readonly past: readonly PastBan[]
  readonly bannedUntil: number | undefined
  readonly allow: AllowList
  readonly mode: BanMode
  readonly now: number
  /** Where there is one host and no fleet: its name. */
  readonly onlyHost?: string | undefined
}

export interface DecidedBan {
  readonly subject: string
  readonly seconds: number
  /** None: everywhere. */
  readonly hosts: readonly string[]
  /** One line, for whoever sees the ban. */
  readonly why: string
  readonly mode: BanMode
}

export interface Decision {
  readonly tell: readonly { readonly channel: string; readonly why: string }[]
  readonly page: boolean
  readonly ban: DecidedBan | undefined
  /** Never empty. */
  readonly reasons: readonly Reason[]
}

export function decide(input: DecisionInput, policy: DecisionPolicy): Decision {
  const { alert, now } = input
  if (now - alert.time > STALE_MS) return nothing(staleReason(alert, now))
  const rule = firstRule(policy.rules, alert)
  if (rule === undefined)
    return nothing(
      reason('no-rule', `no rule fits level ${alert.incident.level}, score ${alert.incident.score}`),
    )
  const fit = reason(
    'rule',
    `rule "${rule.name}" fits: level ${alert.incident.level}, score ${alert.incident.score}`,
  )
  const telling = decideTelling(input, rule, policy)
  const banning = decideBan(input, rule, policy)
  return {
    tell: telling.channels.map((channel) => ({ channel, why: fit.text })),
    page: rule.page && telling.channels.length > 0,
    ban: banning.ban,
    reasons: [fit, ...telling.reasons, ...banning.reasons],
  }
}

function nothing(why: Reason): Decision {
  return { tell: [], page: false, ban: undefined, reasons: [why] }
}

function staleReason({ time }: Alert, now: number): Reason {
  const age = spokenSeconds((now - time) / 1000)
  return reason('stale', `its evidence is ${age} old: what is older than an hour is only recorded`)
}

interface Telling {
  readonly channels: readonly string[]
  readonly reasons: readonly Reason[]
}

function decideTelling(input: DecisionInput, rule: DecisionRule, policy: DecisionPolicy): Telling {
  const quiet = (why: Reason): Telling => ({ channels: [], reasons: [why] })
  const { judgement } = input
  const channels = rule.tell.includes('*')
    ? input.channels
    : input.channels.filter((name) => rule.tell.includes(name))
  if (channels.length === 0) return quiet(reason('no-channel', 'nobody is told: the rule names no channel'))
  if (!judgement.tell && !policy.mail.everyAlert)
    return quiet(reason('told-before', 'nobody is told again: nothing rose since'))
  if (judgement.tell && judgement.reason === 'kinds' && policy.onlyLevels)
    return quiet(reason('only-rises', 'nobody is told: a further kind, and the level did not rise'))
  const verdict = mailVerdict(input.told, policy.mail)
  if (verdict === undefined) return { channels, reasons: [] }
  // psad limits its mails, and runs its script all the same
  return { channels: channels.filter((name) => name === EXTERNAL_SCRIPT), reasons: [verdict] }
}

interface Banning {
  readonly ban: DecidedBan | undefined
  readonly reasons: readonly Reason[]
}

function decideBan(input: DecisionInput, rule: DecisionRule, policy: DecisionPolicy): Banning {
  const { alert, mode } = input
  const { source } = alert.incident
  if (rule.banSeconds === 0)
    return {
      ban: undefined,
      reasons: [reason('no-ban-asked', `not banned: rule "${rule.name}" asks for no ban`)],
    }
  const obstacle = obstacleTo(alert, policy.bans) ?? objection(input, policy)
  if (obstacle !== undefined) return { ban: undefined, reasons: [obstacle] }
  const subject = subjectOfSource(source ?? '') ?? ''
  const length = banLength(subject, rule.banSeconds, input.past, policy.bans.lengths, input.now)
  const { seconds } = length
  const proof = proofOf(alert.incident, policy.bans)
  const why = `rule ${rule.name}: level ${alert.incident.level}, ${alert.incident.kinds.join(', ') || 'scan'}`
  return {
    ban: { subject, seconds, hosts: rule.banHosts, why, mode },
    reasons: [
      sayBan(subject, seconds, placesOf(rule, input), mode),
      ...(proof === undefined ? [] : [sayProof(proof, alert.incident)]),
      ...length.reasons,
    ],
  }
}

function placesOf({ banHosts }: DecisionRule, { onlyHost }: DecisionInput): readonly string[] {
  return onlyHost === undefined ? banHosts : [onlyHost]
}

/** What stands against this ban though the evidence suffices. */
function objection(input: DecisionInput, policy: DecisionPolicy): Reason | undefined {
  const { alert, allow, now, bannedUntil } = input
  const subject = subjectOfSource(alert.incident.source ?? '') ?? ''
  const entry = allow.entryFor(subject, now)
  if (entry !== undefined) return reason('allowlisted', `not banned: allowed by ${sayEntry(entry)}`)
  if (policy.banPrefix !== undefined && !hasPrefix(policy.banPrefix, alert))
    return reason('prefix-mismatch', `not banned: no log prefix fits ${policy.banPrefix}`)
  if (bannedUntil !== undefined && bannedUntil > now) {
    const rest = spokenSeconds((bannedUntil - now) / 1000)
    return reason('already-banned', `not banned again: the ban in force ends in ${rest}`)
  }
  return undefined
}

function sayBan(subject: string, seconds: number, hosts: readonly string[], mode: BanMode): Reason {
  const where = hosts.length === 0 ? 'every host' : hosts.join(', ')
  const what = `${subject} for ${spokenSeconds(seconds)} on ${where}`
  if (mode === 'enabled') return reason('ban', `banned ${what}`)
  const because = mode === 'no-key' ? 'there is no key to sign bans' : 'dry run, bans are not enabled'
  return reason(mode === 'no-key' ? 'no-key' : 'would-ban', `would have banned ${what} (${because})`)
}
