/**
 * Reads `nft -j list table`: which elements our sets hold, and for how much longer.
 *
 * An element without a time-out was not added by us: it counts as endless, so that the plan lifts it or gives it its end. Ranges, which
 * we never add either, are left alone.
 */
import { parsePrefix, printPrefix } from '@picket/schemas'
import type { KernelElement } from './kernel-bans.ts'
import { NFT_BLOCK_SETS } from './nft-script.ts'

export interface NftListing {
  readonly elements: KernelElement[]
  /** The names of the sets of the table. */
  readonly sets: readonly string[]
  readonly rules: number
}

const ELEMENT = /([0-9a-f.:]+) timeout \S+ expires ([0-9a-z]+)/g
const PART = /(\d+)(ms|[dhms])/g
const SECONDS: Readonly<Record<string, number>> = { d: 86_400, h: 3_600, m: 60, s: 1, ms: 0.001 }

/** Reads the hosts that `nft get element` prints, which knows no JSON: `203.0.113.9 timeout 1h expires 59m59s716ms`. */
export function readNftHosts(text: string): KernelElement[] {
  return [...text.matchAll(ELEMENT)].flatMap(([, host = '', left = '']) => {
    const subject = canonical(host)
    const parts = [...left.matchAll(PART)].map(([, count, unit = '']) => Number(count) * (SECONDS[unit] ?? 0))
    return subject === undefined ? [] : [{ subject, seconds: parts.reduce((sum, part) => sum + part, 0) }]
  })
}

type Json = Readonly<Record<string, unknown>>

/** Undefined when the text is not what nft prints. */
export function readNftListing(text: string): NftListing | undefined {
  const items = itemsOf(text)
  if (items === undefined) return undefined
  const sets = items.map((item) => item['set']).filter(isObject)
  return {
    elements: sets.filter(({ name }) => isBlockSet(name)).flatMap(elementsOf),
    sets: sets.map(({ name }) => String(name)),
    rules: items.filter((item) => isObject(item['rule'])).length,
  }
}

function itemsOf(text: string): Json[] | undefined {
  try {
    const document: unknown = JSON.parse(text)
    const items = isObject(document) ? document['nftables'] : undefined
    return Array.isArray(items) ? items.filter(isObject) : undefined
  } catch {
    return undefined
  }
}

function isBlockSet(name: unknown): boolean {
  return NFT_BLOCK_SETS.some((set) => set === name)
}

function elementsOf(set: Json): KernelElement[] {
  const listed = set['elem']
  if (!Array.isArray(listed)) return []
  return listed.flatMap((item: unknown) => {
    const timed = isObject(item) && isObject(item['elem']) ? item['elem'] : undefined
    const subject = subjectText(timed === undefined ? item : timed['val'])
    if (subject === undefined) return []
    const left = timed?.['expires']
    return [{ subject, seconds: typeof left === 'number' ? left : Number.POSITIVE_INFINITY }]
  })
}

function subjectText(value: unknown): string | undefined {
  if (typeof value === 'string') return canonical(value)
  const prefix = isObject(value) ? value['prefix'] : undefined
  if (!isObject(prefix)) return undefined
  return canonical(`${String(prefix['addr'])}/${String(prefix['len'])}`)
}

function canonical(text: string): string | undefined {
  const prefix = parsePrefix(text)
  return prefix === undefined ? undefined : printPrefix(prefix)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
