/** Topics: the names of those that a detector reads and writes, by the fleet’s prefix. */

export interface Topics {
  readonly packets: string
  readonly contacts: string
  readonly alerts: string
  readonly receipts: string
  readonly deadLetters: string
}

export function topicsOf(prefix: string): Topics {
  const named = (name: string): string => `${prefix}.${name}`
  return {
    packets: named('packets'),
    contacts: named('contacts'),
    alerts: named('alerts'),
    receipts: named('receipts'),
    deadLetters: named('dead-letters'),
  }
}
