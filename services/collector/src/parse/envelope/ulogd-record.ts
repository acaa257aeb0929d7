/**
 * One record of ulogd2's JSON output, rewritten into the kernel's own line.
 *
 * So there is one scanner, and one place where addresses and numbers are judged. What ulogd does not
 * say (TCP options, the packet inside an ICMP error) stays absent.
 */

import { decimal, digitsEnd } from '../body/digits.ts'
import { BAD_JSON, DUPLICATE_FIELD, NO_MATCH, NOT_IP } from '../outcome.ts'
import { JsonFields, unescapeInto } from './json-fields.ts'
import { KeyTable } from './key-table.ts'
import type { LocalTime } from './local-time.ts'
import type { Scratch } from './scratch.ts'
import { ULOGD_KEYS } from './ulogd-keys.ts'
import { UlogdLine } from './ulogd-line.ts'

export class UlogdRecord {
  hostStart = 0
  hostEnd = 0
  /** Where the rewritten body begins in the scratch buffer. */
  body = 0
  private readonly clock: Float64Array
  private readonly local: LocalTime
  private readonly scratch: Scratch
  private readonly fields: JsonFields = new JsonFields()
  private readonly keys: KeyTable = new KeyTable(ULOGD_KEYS)
  private readonly line: UlogdLine

  constructor(clock: Float64Array, local: LocalTime, scratch: Scratch) {
    this.clock = clock
    this.local = local
    this.scratch = scratch
    this.line = new UlogdLine(scratch)
  }

  /** Leaves prefix and body in the scratch buffer and returns where the prefix begins, or a refusal. */
  read(bytes: Uint8Array, start: number, end: number): number {
    const broken = this.gather(bytes, start, end)
    const line = this.line
    if (!line.has('src_ip') && !line.has('dest_ip')) {
      if (!line.has('oob.family') && !line.has('oob.protocol')) return NO_MATCH
      return broken < 0 ? broken : NOT_IP
    }
    if (broken < 0) return broken
    this.hostStart = line.startOf('dvc')
    this.hostEnd = line.endOf('dvc')
    this.readTime(bytes)
    this.scratch.clear()
    unescapeInto(this.scratch, bytes, line.startOf('oob.prefix'), line.endOf('oob.prefix'))
    this.body = this.scratch.length
    return line.write() ? 0 : BAD_JSON
  }

  private gather(bytes: Uint8Array, start: number, end: number): number {
    const { fields, line } = this
    line.open(bytes)
    fields.open(bytes, start, end)
    while (fields.next()) {
      const key = this.keys.indexOf(bytes, fields.keyStart, fields.keyEnd)
      if (key >= 0 && !line.set(key, fields.valueStart, fields.valueEnd)) return DUPLICATE_FIELD
    }
    return fields.broken ? BAD_JSON : 0
  }

  /** The kernel's stamp of the packet, else the time at which ulogd wrote (without a zone: local). */
  private readTime(bytes: Uint8Array): void {
    const line = this.line
    const seconds = line.startOf('oob.time.sec')
    this.clock[0] = Number.NaN
    if (line.has('oob.time.sec') && digitsEnd(bytes, seconds, line.endOf('oob.time.sec')) > seconds) {
      const micros = decimal(bytes, line.startOf('oob.time.usec'), line.endOf('oob.time.usec'))
      this.clock[0] = decimal(bytes, seconds, line.endOf('oob.time.sec')) * 1000 + Math.floor(micros / 1000)
    } else if (line.has('timestamp')) {
      const at = this.local.readIso(bytes, line.startOf('timestamp'), line.endOf('timestamp'))
      if (at < 0) this.clock[0] = Number.NaN
    }
  }
}
