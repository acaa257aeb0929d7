/**
 * Going on: which sources go on after their ban has ended, as their incident shows it.
 *
 * While a ban is in force its packets never reach a log, so the count stands still; what is counted after its end is new. The count as
 * it stood then is noted at the first look: packets that were long under way do not pass for new ones, and a restart asks for a few more.
 */
import { type BanRecord, inForce } from './ban-record.ts'

/** A ban by a rule that ended by itself. */
export interface EndedBan {
  readonly subject: string
  readonly incident: string
  readonly until: number
}

/** After that the source begins a new story, which is banned as one. */
const LOOKED_AFTER_MS = 86_400_000

export function endedBans(records: readonly BanRecord[], now: number): EndedBan[] {
  return records.flatMap((record) => {
    const { subject, incident, by, wishes } = record
    if (incident === undefined || by !== 'rule' || wishes.length === 0) return []
    if (inForce(record, now).length > 0) return []
    const until = Math.max(...wishes.map((wish) => wish.until))
    return now - until > LOOKED_AFTER_MS ? [] : [{ subject, incident, until }]
  })
}

interface Noted {
  readonly until: number
  readonly packets: number
}

export class GoingOn {
  #noted = new Map<string, Noted>()

  /** Whether it has sent enough since; the first look at an end only notes. */
  hasGoneOn(
    { subject, until }: EndedBan,
    incident: { readonly packets: number; readonly lastSeen: number },
    leastPackets: number,
  ): boolean {
    const noted = this.#noted.get(subject)
    if (noted === undefined || noted.until !== until) {
      this.#noted.set(subject, { until, packets: incident.packets })
      return false
    }
    return incident.lastSeen > until && incident.packets - noted.packets >= Math.max(1, leastPackets)
  }

  /** All others are forgotten. */
  keep(ended: readonly EndedBan[]): void {
    const noted = this.#noted
    this.#noted = new Map(
      ended.flatMap(({ subject }) => {
        const one = noted.get(subject)
        return one === undefined ? [] : [[subject, one] as const]
      }),
    )
  }
}
