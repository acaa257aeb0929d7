/**
 * One record of `journalctl -o json`.
 *
 * Fields that begin with an underscore are journald's own and cannot be forged by the sender, so
 * `_TRANSPORT` says whether the kernel's log held MESSAGE; where it is missing, SYSLOG_IDENTIFIER is asked. Whatever a process wrote into
 * /dev/kmsg came by the same way, but the kernel does not let it have facility 0.
 * MESSAGE is an array of numbers when it is no clean UTF-8.
 */

import { decimal, digitsEnd } from '../body/digits.ts'
import { BAD_JSON, BAD_TIME, DUPLICATE_FIELD, NO_MATCH, NOT_FIREWALL } from '../outcome.ts'
import { JsonFields, unescapeInto } from './json-fields.ts'
import { KeyTable } from './key-table.ts'
import type { Scratch } from './scratch.ts'
import { ascii, spells } from './syslog-head.ts'

const FIELDS = [
  'MESSAGE',
  '_TRANSPORT',
  'SYSLOG_IDENTIFIER',
  '_HOSTNAME',
  '_SOURCE_REALTIME_TIMESTAMP',
  '__REALTIME_TIMESTAMP',
  'SYSLOG_FACILITY',
] as const
const [MESSAGE, TRANSPORT, IDENTIFIER, HOST, SOURCE_TIME, TIME, FACILITY] = [0, 1, 2, 3, 4, 5, 6] as const

export class JournalRecord {
  hostStart = 0
  hostEnd = 0
  private readonly clock: Float64Array
  private readonly scratch: Scratch
  private readonly fields: JsonFields = new JsonFields()
  private readonly keys: KeyTable = new KeyTable(FIELDS)
  private readonly starts: Int32Array = new Int32Array(FIELDS.length)
  private readonly ends: Int32Array = new Int32Array(FIELDS.length)
  private messageIsArray = false

  constructor(clock: Float64Array, scratch: Scratch) {
    this.clock = clock
    this.scratch = scratch
  }

  /** Leaves the message in the scratch buffer and returns 0, or a refusal. */
  read(bytes: Uint8Array, start: number, end: number): number {
    const broken = this.gather(bytes, start, end)
    if (this.startOf(MESSAGE) < 0 || broken === NO_MATCH) return NO_MATCH
    if (broken < 0) return broken
    if (!this.isFromKernel(bytes)) return NOT_FIREWALL
    this.hostStart = Math.max(this.startOf(HOST), 0)
    this.hostEnd = Math.max(this.endOf(HOST), 0)
    if (!this.readTime(bytes)) return BAD_TIME
    this.scratch.clear()
    if (!this.messageIsArray) unescapeInto(this.scratch, bytes, this.startOf(MESSAGE), this.endOf(MESSAGE))
    else if (!this.copyArray(bytes, this.startOf(MESSAGE), this.endOf(MESSAGE))) return NOT_FIREWALL
    return 0
  }

  private gather(bytes: Uint8Array, start: number, end: number): number {
    this.starts.fill(-1)
    this.ends.fill(-1)
    this.messageIsArray = false
    const fields = this.fields
    fields.open(bytes, start, end)
    while (fields.next()) {
      // systemd.journal-fields(7): names are capitals, so this is another program's record
      if ((bytes[fields.keyStart] as number) >= 97) return NO_MATCH
      const key = this.keys.indexOf(bytes, fields.keyStart, fields.keyEnd)
      if (key < 0) continue
      if (this.startOf(key) >= 0) return DUPLICATE_FIELD
      this.starts[key] = fields.valueStart
      this.ends[key] = fields.valueEnd
      if (key === MESSAGE) this.messageIsArray = fields.kind === 'array'
    }
    return fields.broken ? BAD_JSON : 0
  }

  private isFromKernel(bytes: Uint8Array): boolean {
    if (this.startOf(FACILITY) >= 0 && !this.holds(bytes, FACILITY, ZERO)) return false
    if (this.startOf(TRANSPORT) >= 0) return this.holds(bytes, TRANSPORT)
    return this.startOf(IDENTIFIER) < 0 || this.holds(bytes, IDENTIFIER)
  }

  private holds(bytes: Uint8Array, key: number, word: Uint8Array = KERNEL): boolean {
    return (
      this.endOf(key) - this.startOf(key) === word.length &&
      spells(bytes, this.startOf(key), this.endOf(key), word)
    )
  }

  /** When the kernel wrote it, where journald knows, else when journald got it; µs since 1970. False beyond the year 9999. */
  private readTime(bytes: Uint8Array): boolean {
    const key = this.startOf(SOURCE_TIME) >= 0 ? SOURCE_TIME : TIME
    const start = this.startOf(key)
    const isNumber = start >= 0 && digitsEnd(bytes, start, this.endOf(key)) === this.endOf(key)
    const time = isNumber ? Math.floor(decimal(bytes, start, this.endOf(key)) / 1000) : Number.NaN
    this.clock[0] = time
    return !(time > LATEST_MS)
  }

  private copyArray(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (at < end) {
      const byte = bytes[at] as number
      if (byte === 44 || byte === 32) {
        at++
        continue
      }
      const last = digitsEnd(bytes, at, end)
      const value = decimal(bytes, at, last)
      if (last === at || value > 255) return false
      this.scratch.push(value)
      at = last
    }
    return true
  }

  private startOf(key: number): number {
    return this.starts[key] as number
  }

  private endOf(key: number): number {
    return this.ends[key] as number
  }
}

/** The end of the year 9999, the last that ISO 8601 writes with four digits. */
const LATEST_MS = 253_402_300_799_999

const KERNEL = ascii('kernel')
const ZERO = ascii('0')
