/**
 * Decision policy: the rules of the configuration, and what a ban has to meet whatever rule asks for it.
 *
 * Rules are read in their order and the first that fits decides alone, so a reader can tell by eye what will happen.
 */
import type { Kind } from '@picket/schemas'

/** What must hold of an alert; a filter that is left out always holds. */
export interface RuleFilter {
  /** At least. */
  readonly level?: number | undefined
  /** One of them. */
  readonly kinds?: readonly Kind[] | undefined
  /** A reporter's name, or a network that holds an attacked address. */
  readonly hosts?: readonly string[] | undefined
  /** A regular expression that the log prefix of an evidence packet fits. */
  readonly prefix?: string | undefined
  /** Confidence: the incident's score at least, 0 to 100. */
  readonly score?: number | undefined
  /** Networks that hold the source. */
  readonly networks?: readonly string[] | undefined
  readonly exceptNetworks?: readonly string[] | undefined
}

export interface DecisionRule {
  readonly name: string
  readonly when: RuleFilter
  /** Names of channels; `*` is every channel. */
  readonly tell: readonly string[]
  readonly page: boolean
  /** Seconds of a first ban; 0 is none. */
  readonly banSeconds: number
  /** Where to ban, as reporters are named; none is everywhere. */
  readonly banHosts: readonly string[]
}

/** What makes it sure enough that the source is who it says it is. Closed: named in reasons. */
export const PROOFS = ['syn-contacts', 'connection', 'none-needed'] as const
export type Proof = (typeof PROOFS)[number]

export interface BanLengths {
  /** Each ban before, still remembered, makes the next so many times as long. */
  readonly factor: number
  /** No ban is longer. */
  readonly capSeconds: number
  /** A ban is forgotten so long after its end. */
  readonly memorySeconds: number
  /** Up to so much longer, by the source: nobody can wait for the very second. */
  readonly jitterPercent: number
}

export interface Widening {
  /** So many banned sources of one network ban the network; 0 is off. */
  readonly sources: number
  readonly v4Bits: number
  readonly v6Bits: number
  /** Networks banned at the same time, at most. */
  readonly most: number
}

export interface BanCaps {
  readonly perMinute: number
  readonly total: number
  /** As lengths of prefixes. */
  readonly widestV4: number
  readonly widestV6: number
}

export interface BanPolicy {
  readonly proofs: readonly Proof[]
  /** Fewer packets than this prove nothing. */
  readonly leastPackets: number
  readonly lengths: BanLengths
  readonly widening: Widening
  readonly caps: BanCaps
}

/** psad's way to count mails; limits of 0 are off. */
export interface MailLimits {
  /** ALERT_ALL. */
  readonly everyAlert: boolean
  readonly perSource: number
  readonly perDestination: boolean
  readonly throttle: number
}

export const NO_MAIL_LIMITS: MailLimits = {
  everyAlert: false,
  perSource: 0,
  perDestination: false,
  throttle: 0,
}

export interface DecisionPolicy {
  readonly rules: readonly DecisionRule[]
  readonly mail: MailLimits
  /** AUTO_BLOCK_REGEX: what a log prefix must fit for a ban. */
  readonly banPrefix: string | undefined
  /** Only a rise of the level is told, not a further kind. */
  readonly onlyLevels: boolean
  readonly bans: BanPolicy
}

const DAY = 86_400

export const DEFAULT_BAN_POLICY: BanPolicy = {
  proofs: ['syn-contacts', 'connection'],
  leastPackets: 3,
  lengths: { factor: 2, capSeconds: 7 * DAY, memorySeconds: 30 * DAY, jitterPercent: 10 },
  widening: { sources: 0, v4Bits: 24, v6Bits: 56, most: 16 },
  caps: { perMinute: 60, total: 5_000, widestV4: 24, widestV6: 48 },
}

/** Right for one server on the net: mail when it becomes serious, and nobody is banned. */
export const DEFAULT_RULES: readonly DecisionRule[] = [
  { name: 'serious', when: { level: 3 }, tell: ['*'], page: false, banSeconds: 0, banHosts: [] },
]

export const DEFAULT_DECISIONS: DecisionPolicy = {
  rules: DEFAULT_RULES,
  mail: NO_MAIL_LIMITS,
  banPrefix: undefined,
  onlyLevels: false,
  bans: DEFAULT_BAN_POLICY,
}
