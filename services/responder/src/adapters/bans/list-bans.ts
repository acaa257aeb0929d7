/** List bans: what is in force, and how far the fleet has done it. */
import { type BanRecord, bannedUntil, type Confirmations, type Confirmed, inForce } from '../../index.ts'

export interface ListedBan extends Confirmed {
  readonly subject: string
  readonly since: number
  readonly until: number
  /** None: every host. */
  readonly onHosts: readonly string[]
  readonly why: string
  readonly by: string
}

export function listBans(
  records: readonly BanRecord[],
  confirmations: Confirmations,
  now: number,
): ListedBan[] {
  const all = records.flatMap((record) => {
    const until = bannedUntil(record, now)
    if (until === undefined) return []
    const wishes = inForce(record, now)
    const isEverywhere = wishes.some(({ hosts }) => hosts.length === 0)
    return [
      {
        subject: record.subject,
        since: Math.min(...wishes.map(({ from }) => from)),
        until,
        onHosts: isEverywhere ? [] : [...new Set(wishes.flatMap(({ hosts }) => hosts))].sort(),
        why: wishes.map(({ why }) => why).join('; '),
        by: record.by,
        ...confirmations.of(record, now),
      },
    ]
  })
  return all.sort((a, b) => a.until - b.until || (a.subject < b.subject ? -1 : 1))
}

export interface Unconfirmed {
  readonly host: string
  readonly subjects: readonly string[]
}

interface Waiting {
  readonly now: number
  readonly confirmMs: number
  /** What was wished before is not waited for: its receipts may lie further back than we read. */
  readonly since: number
}

/** Hosts that are alive and have not answered in time, with what they owe. */
export function unconfirmed(
  records: readonly BanRecord[],
  confirmations: Confirmations,
  { now, confirmMs, since }: Waiting,
): Unconfirmed[] {
  const owed = new Map<string, string[]>()
  for (const record of records) {
    const begun = Math.max(0, ...inForce(record, now).map(({ from }) => from))
    if (begun < since || now - begun < confirmMs) continue
    const { missing, failed } = confirmations.of(record, now)
    for (const host of [...missing, ...failed.map((answer) => answer.host)])
      owed.set(host, [...(owed.get(host) ?? []), record.subject])
  }
  return [...owed].map(([host, subjects]) => ({ host, subjects: subjects.sort() }))
}
