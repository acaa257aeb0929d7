/**
 * Refusals: why this host does not do what a ban asks for. A closed list: it is the receipt's reason and the metric's label.
 *
 * The first group holds whatever the signature says; nothing that a controller sends can lift it.
 */
export const REFUSALS = [
  'own-address',
  'gateway',
  'resolver',
  'peer',
  'loopback',
  'link-local',
  'multicast',
  'broadcast',
  'unspecified',
  'allowlisted',
  'allowlisted-centrally',
  'logged-in',
  'too-wide',
  'no-address',
  'cap-total',
  'cap-rate',
  'expired',
  'not-a-ban',
  'bad-signature',
  'revision-old',
  'unknown-key',
  'retired-key',
  'not-for-this-host',
  'dry-run',
  'held',
] as const

export type RefusalReason = (typeof REFUSALS)[number]

export interface Refusal {
  readonly subject: string
  readonly reason: RefusalReason
  /** The same for people, without the subject. */
  readonly detail: string
}
