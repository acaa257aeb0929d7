/**
 * Enricher: asks all that may know something of an address at once, and answers with what is there in time.
 *
 * It never rejects and never takes longer than its limit: the mail leaves without what is missing. A look-up that is late goes on a
 * little and fills the cache, for the next mail of the same story. Addresses that are not public are nobody else's business.
 */

import type { EnrichSettings } from '../../tell/index.ts'
import { addressScope, type Enrichment, type Found, mergeFound, NOTHING_KNOWN } from '../../tell/index.ts'
import { findByDns } from '../channels/guarded-lookup.ts'
import { BoundedCache } from './bounded-cache.ts'
import { MmdbFile } from './mmdb.ts'
import { askRdap } from './rdap.ts'
import { ReverseNames } from './reverse-name.ts'
import { askWhois } from './whois.ts'

/** How long a late look-up may go on. */
const LATE_SECONDS = 10
/** Addresses that are asked about at the same time; a flood of scanners is no flood of questions. */
const MAX_AT_ONCE = 32
/** A failure is asked again sooner than an answer. */
const FAILURE_MS = 300_000

type Ask = (address: string, signal: AbortSignal) => Promise<Found>
type Answer = { readonly found: Found } | { readonly missing: string }

export class Enricher {
  readonly #settings: EnrichSettings
  readonly #now: () => number
  readonly #sources: ReadonlyMap<string, Ask>
  readonly #cache: BoundedCache<Answer>
  readonly #underWay = new Map<string, Promise<Answer>>()
  readonly #stop = new AbortController()

  constructor(settings: EnrichSettings, now: () => number = Date.now) {
    this.#settings = settings
    this.#now = now
    this.#sources = sourcesOf(settings, now)
    this.#cache = new BoundedCache(settings.cache.entries)
  }

  /** `address` null: an incident of many sources. */
  async enrich(address: string | null): Promise<Enrichment> {
    if (address === null || addressScope(address) === 'special') return NOTHING_KNOWN
    const late = limit(this.#settings.seconds * 1_000)
    const names = [...this.#sources.keys()]
    const answers = await Promise.all(
      names.map((name) => Promise.race([this.#answer(name, address), late.passed.then(() => tooLate(name))])),
    )
    late.clear()
    const found = answers.flatMap((answer) => ('found' in answer ? [answer.found] : []))
    const missing = answers.flatMap((answer) => ('missing' in answer ? [answer.missing] : []))
    return mergeFound(found, missing)
  }

  /** Ends what is under way. */
  close(): void {
    this.#stop.abort()
  }

  #answer(name: string, address: string): Promise<Answer> {
    const key = `${name} ${address}`
    const cached = this.#cache.get(key, this.#now())
    if (cached !== undefined) return Promise.resolve(cached)
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    if (this.#underWay.size >= MAX_AT_ONCE * this.#sources.size) {
      return Promise.resolve({ missing: `${name}: too many look-ups at once` })
    }
    const asking = this.#ask(name, address, key).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, asking)
    return asking
  }

  async #ask(name: string, address: string, key: string): Promise<Answer> {
    const ask = this.#sources.get(name)
    const late = limit(LATE_SECONDS * 1_000)
    const controller = new AbortController()
    const cut = (): void => controller.abort()
    this.#stop.signal.addEventListener('abort', cut, { once: true })
    void late.passed.then(cut)
    try {
      const found = (await ask?.(address, controller.signal)) ?? {}
      this.#cache.set(key, { found }, this.#now() + this.#settings.cache.hours * 3_600_000)
      return { found }
    } catch (error) {
      const answer = { missing: `${name}: ${(error as Error).message}` }
      this.#cache.set(key, answer, this.#now() + FAILURE_MS)
      return answer
    } finally {
      late.clear()
      this.#stop.signal.removeEventListener('abort', cut)
    }
  }
}

/** In the order of trust: where two say the same thing, the first holds. */
function sourcesOf(settings: EnrichSettings, now: () => number): Map<string, Ask> {
  const { dns, whois, rdap, mmdb, seconds } = settings
  const sources = new Map<string, Ask>()
  const find = findByDns(dns.servers, seconds * 1_000)
  for (const path of new Set([mmdb.asn, mmdb.country])) {
    if (path === undefined) continue
    const file = new MmdbFile(path, now)
    sources.set(`mmdb ${path}`, (address) => file.ask(address))
  }
  if (rdap !== undefined) sources.set('rdap', (address, signal) => askRdap(address, rdap, find, signal))
  if (whois.enabled) sources.set('whois', (address, signal) => askWhois(address, whois, find, signal))
  if (dns.enabled) {
    const names = new ReverseNames(dns.servers, seconds * 1_000)
    sources.set('reverse DNS', (address, signal) => names.ask(address, signal))
  }
  return sources
}

function tooLate(name: string): Answer {
  return { missing: `${name}: no answer in time` }
}

function limit(ms: number): { readonly passed: Promise<void>; clear(): void } {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return { passed, clear: () => clearTimeout(timer) }
}
