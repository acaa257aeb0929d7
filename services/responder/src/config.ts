/**
 * What the responder is told: the configuration after it was checked. It knows no default; the schema in the CLI makes one of these.
 */
import type { AllowEntry, DecisionPolicy, MailBudget } from './index.ts'

export interface ResponderSettings {
  /** What the names of all topics and groups begin with. */
  readonly prefix: string
  readonly incidents: {
    /** How long an incident is kept after it was last seen. */
    readonly keptSeconds: number
    /** Kept at most, of all partitions together. */
    readonly most: number
  }
  readonly heartbeatSeconds: number
  /** Names this process among all, and the machine that it runs on. */
  readonly instance: string
  readonly reporter: string
  /** Of the release, as heartbeats tell it. */
  readonly version: string
  /** Undefined: alerts are kept and told to the sinks, and nothing is decided. */
  readonly response?: ResponseSettings | undefined
}

/** What it does about alerts; the files behind it are the caller's to read. */
export interface ResponseSettings {
  readonly policy: DecisionPolicy
  /** Names of the channels that hear of trouble and pages. */
  readonly operations: readonly string[]
  readonly budget: MailBudget
  readonly console: string | undefined
  readonly allow: readonly AllowEntry[]
  /** A host that does not confirm a ban by then is paged about. */
  readonly confirmSeconds: number
  /** So long a notice waits for what hosts say to its ban; left out: as long as for what is known of an address. */
  readonly answerSeconds?: number
  /** An incident whose source was quiet for so long is over; left out: an hour. */
  readonly quietSeconds?: number
  /** Worth saying at the start. */
  readonly remarks: readonly string[]
}

/** Closed, as they are metric labels: what is read, without the prefix. */
export const READ_TOPICS = ['alerts', 'receipts'] as const
export type ReadTopic = (typeof READ_TOPICS)[number]

export function groupOf(prefix: string, topic: ReadTopic): string {
  return topic === 'alerts' ? `${prefix}-responder` : `${prefix}-responder-receipts`
}
