/**
 * What the responder is told: the configuration after it was checked. It knows no default; the schema in the CLI makes one of these.
 */
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
}

/** Closed, as they are metric labels: what is read, without the prefix. */
export const READ_TOPICS = ['alerts', 'receipts'] as const
export type ReadTopic = (typeof READ_TOPICS)[number]

export function groupOf(prefix: string, topic: ReadTopic): string {
  return topic === 'alerts' ? `${prefix}-responder` : `${prefix}-responder-receipts`
}
