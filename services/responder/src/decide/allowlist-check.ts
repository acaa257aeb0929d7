/**
 * Allowlist check: what to do about the fleet's signed allowlist, from what is wished and what lies on the topic.
 *
 * The store says what is wished, and which revision it last gave. A list of ours on the topic that is newer than that means that the
 * store fell back in time or was emptied: then the topic is right, since each change is noted before it is published.
 */
import { type AllowEntry, canonicalNetwork } from './allow-list.ts'

/** As it is kept for all responders. */
export interface KeptAllowlist {
  /** What commands have allowed. */
  readonly allow: readonly AllowEntry[]
  /** The last one given; missing before the first. */
  readonly allowRevision?: number
}

/** The newest message under the allowlist's key. */
export interface AllowlistOnTopic {
  readonly revision: number
  readonly entries: readonly SignedEntry[]
  /** Under the key that we sign with. */
  readonly isOurs: boolean
}

export interface SignedEntry {
  readonly network: string
  /** 0 is for ever. */
  readonly until: number
  readonly comment: string
  readonly from: string
  readonly by: string
}

export type AllowlistVerdict = 'same' | 'publish' | 'adopt' | 'foreign'

export function checkAllowlist(
  wished: readonly SignedEntry[],
  known: number,
  there: AllowlistOnTopic | undefined,
): AllowlistVerdict {
  if (there === undefined) return wished.length === 0 && known === 0 ? 'same' : 'publish'
  const isSame = there.revision === known && isSameList(wished, there.entries)
  // signed by the key before, as it is after a rotation
  if (!there.isOurs) return isSame ? 'publish' : 'foreign'
  if (there.revision > known) return 'adopt'
  return isSame ? 'same' : 'publish'
}

/** In one order, so that the same list is the same bytes. */
export function signedEntries(entries: readonly AllowEntry[]): SignedEntry[] {
  const all = entries.map(({ network, until, comment, from, by = '' }) => ({
    ...{ network, until: until ?? 0, comment, from, by },
  }))
  return all.sort((a, b) => (a.network < b.network ? -1 : a.network > b.network ? 1 : 0))
}

/** What commands had allowed is taken back; with a store that knows nothing, what was allowed since stays too. */
export function adoptedAllowlist<T extends KeptAllowlist>(
  before: T,
  { revision, entries }: AllowlistOnTopic,
): T {
  const known = before.allowRevision ?? 0
  if (revision <= known) return before
  const theirs = entries.flatMap((entry) => (entry.from === 'command' ? allowEntry(entry) : []))
  const isTheirs = (network: string): boolean => theirs.some((entry) => entry.network === network)
  const since = known === 0 ? before.allow.filter(({ network }) => !isTheirs(network)) : []
  return { ...before, allow: [...theirs, ...since], allowRevision: revision }
}

function allowEntry({ network, until, comment, by }: SignedEntry): AllowEntry[] {
  const canonical = canonicalNetwork(network)
  if (canonical === undefined) return []
  const end = until === 0 ? null : until
  return [{ network: canonical, until: end, comment, from: 'command', ...(by === '' ? {} : { by }) }]
}

function isSameList(a: readonly SignedEntry[], b: readonly SignedEntry[]): boolean {
  const form = (entries: readonly SignedEntry[]): string =>
    JSON.stringify(
      entries.map(({ network, until, comment, from, by }) => [network, until, comment, from, by]),
    )
  return form(a) === form(b)
}
