/**
 * NeverBan: what this host bans under no circumstances, whoever has signed it.
 *
 * A prefix is refused when it *touches* an entry, not only when it lies within one: banning a /24 cuts off the gateway in it.
 */
import {
  type Address,
  compareAddresses,
  type Prefix,
  PrefixTrie,
  parsePrefix,
  prefixContains,
} from '@picket/schemas'
import type { RefusalReason } from './refusals.ts'
import { type Subject, subjectOf } from './subject.ts'

export interface NeverEntry {
  readonly prefix: Prefix
  readonly reason: RefusalReason
  /** For people: `this host's own address on eth0`. */
  readonly note: string
  /** Ms since 1970 UTC; undefined is for ever. */
  readonly until?: number | undefined
}

const ALWAYS: readonly NeverEntry[] = [
  always('127.0.0.0/8', 'loopback', 'the loopback network'),
  always('::1', 'loopback', 'the loopback address'),
  always('0.0.0.0/8', 'unspecified', 'no host has such an address'),
  always('::', 'unspecified', 'no host has this address'),
  always('224.0.0.0/4', 'multicast', 'a multicast group'),
  always('ff00::/8', 'multicast', 'a multicast group'),
  always('255.255.255.255', 'broadcast', 'the broadcast address'),
  always('169.254.0.0/16', 'link-local', 'link-local: routers and metadata services speak from there'),
  always('fe80::/10', 'link-local', 'link-local: routers and neighbours speak from there'),
]

export class NeverBan {
  readonly #byNetwork = new PrefixTrie<NeverEntry>()
  /** By address, to find what a prefix touches. */
  readonly #sorted: readonly NeverEntry[]

  /** `now` leaves out entries that have ended. */
  constructor(entries: readonly NeverEntry[], now: number) {
    const live = [...ALWAYS, ...entries.filter(({ until }) => until === undefined || until > now)]
    // The first entry of a prefix names the reason: what is always so, then the host's own facts.
    for (const entry of live.toReversed()) this.#byNetwork.set(entry.prefix, entry)
    this.#sorted = live.toSorted((a, b) => compareAddresses(a.prefix.address, b.prefix.address))
  }

  /** The entry that protects (a part of) the subject. */
  find(subject: Subject): NeverEntry | undefined {
    const around = this.#byNetwork.match(subject.prefix.address)
    if (around !== undefined && around.prefix.bits <= subject.prefix.bits) return around
    return subject.isHost ? undefined : this.#within(subject.prefix)
  }

  /** Every entry once, canonical: for the kernel's own list. */
  subjects(): Subject[] {
    const networks = [...this.#byNetwork.entries()].map(([prefix]) => subjectOf(prefix))
    const kept: Subject[] = []
    // Wider before narrower: what the last one kept covers needs no entry of its own.
    for (const subject of networks) {
      const last = kept.at(-1)
      const isCovered =
        last !== undefined &&
        last.family === subject.family &&
        prefixContains(last.prefix, subject.prefix.address)
      if (!isCovered) kept.push(subject)
    }
    return kept
  }

  #within(prefix: Prefix): NeverEntry | undefined {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareAddresses(addressAt(this.#sorted, middle), prefix.address) < 0) low = middle + 1
      else high = middle
    }
    const found = this.#sorted[low]
    return found !== undefined && prefixContains(prefix, found.prefix.address) ? found : undefined
  }
}

function addressAt(entries: readonly NeverEntry[], at: number): Address {
  return (entries[at] as NeverEntry).prefix.address
}

function always(text: string, reason: RefusalReason, note: string): NeverEntry {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new Error(`${text} is no prefix`)
  return { prefix, reason, note }
}
