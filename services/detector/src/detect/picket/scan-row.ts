/**
 * The row of a scan: which word is what.
 *
 * Every row begins with what is known of the source. A source with one contact has a short row with that contact
 * behind it; from the second on the same words count contacts, and hosts and contacts follow.
 */

/** Words that every row has, behind the one that is the store's. What each packet touches comes last, next to the counts. */
export const AT = {
  word0: 1,
  word1: 2,
  word2: 3,
  word3: 4,
  idHigh: 5,
  idLow: 6,
  revision: 7,
  toldLevel: 8,
  toldKinds: 9,
  assigned: 10,
  kinds: 11,
  level: 12,
  firstMinute: 13,
  /** Milliseconds within the minute. */
  firstRest: 14,
  lastMinute: 15,
  lastRest: 16,
  techniques: 17,
  flags: 18,
} as const

/** The only contact: IPv4 host, shape, marks (0 when there is none) and newest minute. */
export const FIRST = {
  host: 19,
  shape: 20,
  marks: 21,
  minute: 22,
} as const

export const SHORT_ROW = 23

/** Counts of few contacts. */
export const FEW = {
  contacts: 19,
  hosts: 20,
  hostRoom: 21,
  /** Where the slots of contacts begin, and how many there are. */
  slotsAt: 22,
  slots: 23,
  /** Hundredths of nats. */
  total: 24,
  ports: 25,
  inward: 26,
  syn: 27,
  stealth: 28,
  icmpHosts: 29,
  mostProtocols: 30,
  /** Six words as `seeHour` keeps them. */
  pace: 31,
  /** Eight words of hashed shapes: a bit that is not set proves a shape new. */
  shapeBits: 37,
} as const

/** Hosts begin here. */
export const HOSTS_AT = 45

/** Of the word `flags`. */
export const FLAG = {
  outward: 1,
  corroborated: 2,
  /** There are counts of few contacts. */
  few: 4,
  vertical: 8,
  sweep: 16,
  burst: 32,
  fast: 64,
  /** IPv6: a host takes four words. */
  wide: 128,
} as const
