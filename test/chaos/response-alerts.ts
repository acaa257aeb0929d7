/**
 * Alerts for a response under faults: of all kinds that are decided differently, each source another one.
 *
 * Round by round there are some to be told and banned, told only, and neither; one that rises, and one that comes twice.
 */
import { parseAddress, partitionOf } from '@picket/schemas'
import type { AlertMessage } from '@picket/schemas/messages'
import { alertNumber, idOf } from '../fleet-messages.ts'

/** Not to be banned, by the configuration. */
export const ALLOWED = '45.77.255.0/24'

const HOUR_MS = 3_600_000
const A_ROUND = 12

type Part = Partial<AlertMessage['incident']>

export class ResponseAlerts {
  readonly sent: AlertMessage[] = []
  #number = 0

  /** The next round of them, oldest first. */
  round(): AlertMessage[] {
    const rising = this.sent.at(-A_ROUND)
    const first = this.#make({})
    const round = [
      first,
      this.#make({}),
      this.#make({ level: 4 }),
      this.#make({}, `2001:db8:1:${(this.#number + 1).toString(16)}::5`),
      this.#make({ level: 2 }),
      this.#make({ techniques: ['udp'], protocols: [17], bannable: false }),
      this.#make({ kinds: ['decoy_scan'] }),
      this.#make({}, `45.77.255.${this.#number % 256}`),
      this.#old(),
      this.#make({ level: 5 }),
      first,
      rising === undefined ? this.#make({}) : risen(rising, this.#next()),
    ]
    this.sent.push(...round)
    return round
  }

  #next(): number {
    this.#number++
    return this.#number
  }

  #make(part: Part, source?: string): AlertMessage {
    const number = this.#next()
    const from = source ?? `45.77.${number >> 8}.${number & 255}`
    const { incident, ...alert } = alertNumber(number)
    const prefix = from.includes(':') ? `${from.split('::')[0]}::/64` : `${from}/32`
    return { ...alert, incident: { ...incident, source: from, prefix, ...part } }
  }

  #old(): AlertMessage {
    const alert = this.#make({})
    return { ...alert, time: alert.time - 2 * HOUR_MS }
  }
}

function risen(before: AlertMessage, number: number): AlertMessage {
  const { incident } = before
  const time = Date.now()
  const next = { ...incident, level: incident.level + 1, lastSeen: time }
  return { ...before, id: idOf(number), revision: before.revision + 1, rose: ['level'], time, incident: next }
}

export function partitionOfAlert({ incident }: AlertMessage, partitions: number): number {
  const address = parseAddress(incident.source ?? '')
  if (address === undefined) throw new Error('an alert without a source')
  return partitionOf(address, partitions)
}
