/**
 * Pace: whether a source has ever probed three different contacts in one clock hour.
 *
 * That is the line between a slow scan and any other. The newest two hours are watched, so packets may come
 * out of order; once the answer is yes it stays, and the hours mean nothing any more.
 */
import type { ByteReader } from '../bytes/byte-reader.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import type { Row } from './row-store.ts'
import { FEW } from './scan-row.ts'

/** Words: twice the hour, and up to two contacts in it. 0 stands for none. */
export const PACE_WORDS = 6
const SECOND_HOUR = 3

/** Notes a contact in the words from `at` on; true when it is the third of its hour. */
export function seeHour(words: Int32Array, at: number, minute: number, hash: number): boolean {
  const contact = hash === 0 ? 1 : hash
  const hour = Math.floor(minute / 60)
  if (hour > (words[at] as number)) {
    for (let i = 0; i < SECOND_HOUR; i++) words[at + SECOND_HOUR + i] = words[at + i] as number
    setHour(words, at, hour, contact)
    return false
  }
  if (hour === words[at]) return note(words, at, contact)
  const before = at + SECOND_HOUR
  if (hour === words[before]) return note(words, before, contact)
  // A late packet may be the first of the hour before.
  if (hour > (words[before] as number)) setHour(words, before, hour, contact)
  return false
}

function setHour(words: Int32Array, at: number, hour: number, contact: number): void {
  words[at] = hour
  words[at + 1] = contact
  words[at + 2] = 0
}

function note(words: Int32Array, at: number, contact: number): boolean {
  if (words[at + 1] === contact || words[at + 2] === contact) return false
  if (words[at + 1] === 0) words[at + 1] = contact
  else if (words[at + 2] === 0) words[at + 2] = contact
  else return true
  return false
}

/** The pace of a source that has no row for it. */
export class Pace {
  isFast: boolean
  private readonly hours: Int32Array

  constructor(isFast = false, hours: Int32Array = new Int32Array(PACE_WORDS)) {
    this.isFast = isFast
    this.hours = hours
  }

  static ofRow(row: Row, isFast: boolean): Pace {
    const at = row.base + FEW.pace
    return new Pace(isFast, row.words.slice(at, at + PACE_WORDS))
  }

  see(minute: number, hash: number): void {
    if (!this.isFast) this.isFast = seeHour(this.hours, 0, minute, hash)
  }

  store(into: ByteWriter): void {
    into.reserve(1)
    into.byte(this.isFast ? 1 : 0)
    into.words(this.hours, 0, PACE_WORDS)
  }

  static restore(reader: ByteReader): Pace {
    const pace = new Pace(reader.byte() === 1)
    reader.words(pace.hours, 0, PACE_WORDS)
    return pace
  }

  pack(): number[] | null {
    return this.isFast ? null : Array.from(this.hours)
  }

  static unpack(packed: unknown): Pace {
    return packed === null ? new Pace(true) : new Pace(false, Int32Array.from(packed as number[]))
  }
}
