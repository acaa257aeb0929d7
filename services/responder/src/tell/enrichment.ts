/**
 * Enrichment: what others say about an address. All of it is text of strangers, who may be the attacker.
 *
 * Nothing here is ever needed: each part may be missing, and `missing` says why in words for the reader.
 */
export interface Enrichment {
  /** The name that the owner of the address gives it; only its owner vouches for it. */
  readonly reverseName: string | null
  /** Two letters. */
  readonly country: string | null
  readonly asn: number | null
  readonly asName: string | null
  /** Name and range of the network it was assigned to. */
  readonly network: string | null
  readonly range: string | null
  /** Mail address for complaints. */
  readonly abuse: string | null
  /** Telling lines of the whois answer. */
  readonly whois: readonly string[]
  readonly missing: readonly string[]
}

export const NOTHING_KNOWN: Enrichment = {
  reverseName: null,
  country: null,
  asn: null,
  asName: null,
  network: null,
  range: null,
  abuse: null,
  whois: [],
  missing: [],
}

/** What one source of knowledge gave. */
export type Found = Partial<Omit<Enrichment, 'missing'>>

/** Earlier parts win: the caller puts the more trustworthy first. */
export function mergeFound(parts: readonly Found[], missing: readonly string[]): Enrichment {
  const merged: Record<string, unknown> = { ...NOTHING_KNOWN, missing }
  for (const part of [...parts].reverse()) {
    for (const [key, value] of Object.entries(part)) {
      if (value !== null && value !== undefined) merged[key] = value
    }
  }
  return merged as unknown as Enrichment
}
