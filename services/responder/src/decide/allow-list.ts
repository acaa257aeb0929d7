/**
 * Allow list: who is never banned by the fleet, until when, and why.
 *
 * It is asked before a ban is decided, and again of every ban in force when it changes. A ban is covered when it lies within an
 * entry, and also when an entry lies within it: else a ban of a network would take the allowed host with it.
 */
import { type Prefix, parsePrefix, printPrefix } from '@picket/schemas'
import { covers } from './ban-subject.ts'

export interface AllowEntry {
  /** Canonical. */
  readonly network: string
  /** Ms since 1970 UTC; null is for ever. */
  readonly until: number | null
  readonly comment: string
  readonly from: 'configuration' | 'command'
  /** Who gave the command. */
  readonly by?: string
}

export class AllowList {
  readonly entries: readonly AllowEntry[]
  readonly #prefixes: readonly (readonly [Prefix, AllowEntry])[]

  constructor(entries: readonly AllowEntry[] = []) {
    this.entries = entries
    this.#prefixes = entries.flatMap((entry) => {
      const prefix = parsePrefix(entry.network)
      return prefix === undefined ? [] : [[prefix, entry] as const]
    })
  }

  /** The narrowest entry in force that this subject touches. */
  entryFor(subject: string, now: number): AllowEntry | undefined {
    const prefix = parsePrefix(subject)
    if (prefix === undefined) return undefined
    const touching = this.#prefixes.filter(
      ([network, entry]) => isInForce(entry, now) && (covers(network, prefix) || covers(prefix, network)),
    )
    return touching.sort(([a], [b]) => b.bits - a.bits)[0]?.[1]
  }

  with(entry: AllowEntry): AllowList {
    return new AllowList([...this.entries.filter(({ network }) => network !== entry.network), entry])
  }

  without(network: string): AllowList {
    return new AllowList(this.entries.filter((entry) => entry.network !== network))
  }

  /** What has run out goes. */
  at(now: number): AllowList {
    return new AllowList(this.entries.filter((entry) => isInForce(entry, now)))
  }
}

function isInForce({ until }: AllowEntry, now: number): boolean {
  return until === null || until > now
}

export function canonicalNetwork(text: string): string | undefined {
  const prefix = parsePrefix(text)
  return prefix === undefined ? undefined : printPrefix(prefix)
}

export function sayEntry({ network, comment }: AllowEntry): string {
  return comment === '' ? network : `${network} (${comment})`
}
