/**
 * Country and ASN from files in MaxMind's form, given by the user: GeoLite2, DB-IP and IPinfo each name their fields differently.
 *
 * A file is read again when it has changed, looked at once a minute; a broken one leaves the last good one in place.
 */
import { readFile, stat } from 'node:fs/promises'
import type { Reader, Response } from 'mmdb-lib'
import type { Found } from '../../tell/index.ts'

const LOOK_MS = 60_000
const MAX_BYTES = 1_073_741_824

type Row = Readonly<Record<string, unknown>>

export class MmdbFile {
  readonly #path: string
  readonly #now: () => number
  #reader: Reader<Response> | undefined
  #modified = 0
  #lookedAt = Number.NEGATIVE_INFINITY
  #fault = ''

  constructor(path: string, now: () => number = Date.now) {
    this.#path = path
    this.#now = now
  }

  /** Rejects when there is no usable file. */
  async ask(address: string): Promise<Found> {
    await this.#look()
    if (this.#reader === undefined) throw new Error(`${this.#path}: ${this.#fault}`)
    const row: unknown = this.#reader.get(address)
    return row !== null && typeof row === 'object' ? factsOf(row as Row) : {}
  }

  async #look(): Promise<void> {
    if (this.#now() - this.#lookedAt < LOOK_MS) return
    this.#lookedAt = this.#now()
    try {
      const { mtimeMs, size } = await stat(this.#path)
      if (this.#reader !== undefined && mtimeMs === this.#modified) return
      if (size > MAX_BYTES) throw new Error('it is too large')
      const { Reader } = await import('mmdb-lib')
      this.#reader = new Reader(await readFile(this.#path))
      this.#modified = mtimeMs
    } catch (error) {
      this.#fault = (error as Error).message
    }
  }
}

function factsOf(row: Row): Found {
  const country = objectOf(row['country'])['iso_code'] ?? row['country_code'] ?? row['country']
  const system = row['autonomous_system_number'] ?? row['asn']
  const name = row['autonomous_system_organization'] ?? row['as_name'] ?? row['name']
  const asn = typeof system === 'string' ? Number(system.replace(/^AS/, '')) : system
  return {
    ...(typeof country === 'string' && /^[A-Z]{2}$/.test(country) ? { country } : {}),
    ...(typeof asn === 'number' && Number.isSafeInteger(asn) ? { asn } : {}),
    ...(typeof name === 'string' ? { asName: name } : {}),
  }
}

function objectOf(value: unknown): Row {
  return value !== null && typeof value === 'object' ? (value as Row) : {}
}
