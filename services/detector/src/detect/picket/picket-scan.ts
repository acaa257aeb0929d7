/**
 * PicketScan: all that the default policy knows of one source prefix.
 *
 * Nearly all of it lies in a row of words, so that a packet touches few cache lines; what is here only gives the words
 * their names. Times are kept as a minute and the whole milliseconds within it, since a double would be boxed.
 */
import { HIGH_SEED, isV4, LOW_SEED, type Packet } from '@picket/schemas'
import type { Scan } from '../method.ts'
import { openingLane } from '../scan.ts'
import type { ManyContacts } from './many-contacts.ts'
import { NO_WORDS, type Row, type RowStore } from './row-store.ts'
import { AT, FEW, FIRST, FLAG, SHORT_ROW } from './scan-row.ts'
import type { Suspects } from './suspects.ts'

const MINUTE_MS = 60_000
const MORE_THAN_FEW = 193
/** First and last seen of a source without a probe. */
export const NEVER: number = Number.NEGATIVE_INFINITY

export function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS)
}

export class PicketScan implements Scan, Row {
  words: Int32Array = NO_WORDS
  base = 0
  packets = 0
  reporters: string | string[] = ''
  many: ManyContacts | null = null
  suspects: Suspects | null = null
  readonly store: RowStore

  constructor(store: RowStore) {
    this.store = store
    store.allocate(this, SHORT_ROW)
  }

  static open(packet: Packet, store: RowStore): PicketScan {
    const scan = new PicketScan(store)
    const src = packet.src
    scan.word0 = src[0] as number
    scan.word1 = src[1] as number
    scan.word2 = src[2] as number
    scan.word3 = src[3] as number
    if (!isV4(src)) scan.raise(FLAG.wide)
    scan.idHigh = openingLane(packet, HIGH_SEED)
    scan.idLow = openingLane(packet, LOW_SEED)
    return scan
  }

  /** Gives the row back. */
  close(): void {
    this.store.release(this.words, this.base)
    this.words = NO_WORDS
    this.base = 0
  }

  get hasFew(): boolean {
    return this.has(FLAG.few)
  }

  /** Exact up to 192; of more, only that there are more. */
  get contacts(): number {
    if (this.many !== null) return MORE_THAN_FEW
    if (this.hasFew) return this.words[this.base + FEW.contacts] as number
    return this.words[this.base + FIRST.marks] === 0 ? 0 : 1
  }

  /** The source was seen sending from one of our machines. */
  get isOutward(): boolean {
    return this.has(FLAG.outward)
  }

  get isCorroborated(): boolean {
    return this.has(FLAG.corroborated)
  }

  get firstSeen(): number {
    return this.packets === 0 ? NEVER : this.timeAt(AT.firstMinute)
  }

  set firstSeen(time: number) {
    this.setTime(AT.firstMinute, time)
  }

  get lastSeen(): number {
    return this.packets === 0 ? NEVER : this.timeAt(AT.lastMinute)
  }

  set lastSeen(time: number) {
    this.setTime(AT.lastMinute, time)
  }

  get word0(): number {
    return this.words[this.base + AT.word0] as number
  }

  set word0(value: number) {
    this.words[this.base + AT.word0] = value
  }

  get word1(): number {
    return this.words[this.base + AT.word1] as number
  }

  set word1(value: number) {
    this.words[this.base + AT.word1] = value
  }

  get word2(): number {
    return this.words[this.base + AT.word2] as number
  }

  set word2(value: number) {
    this.words[this.base + AT.word2] = value
  }

  get word3(): number {
    return this.words[this.base + AT.word3] as number
  }

  set word3(value: number) {
    this.words[this.base + AT.word3] = value
  }

  get idHigh(): number {
    return this.words[this.base + AT.idHigh] as number
  }

  set idHigh(value: number) {
    this.words[this.base + AT.idHigh] = value
  }

  get idLow(): number {
    return this.words[this.base + AT.idLow] as number
  }

  set idLow(value: number) {
    this.words[this.base + AT.idLow] = value
  }

  get assigned(): number {
    return this.words[this.base + AT.assigned] as number
  }

  set assigned(value: number) {
    this.words[this.base + AT.assigned] = value
  }

  get level(): number {
    return this.words[this.base + AT.level] as number
  }

  set level(value: number) {
    this.words[this.base + AT.level] = value
  }

  get kinds(): number {
    return this.words[this.base + AT.kinds] as number
  }

  set kinds(value: number) {
    this.words[this.base + AT.kinds] = value
  }

  get revision(): number {
    return this.words[this.base + AT.revision] as number
  }

  set revision(value: number) {
    this.words[this.base + AT.revision] = value
  }

  get toldLevel(): number {
    return this.words[this.base + AT.toldLevel] as number
  }

  set toldLevel(value: number) {
    this.words[this.base + AT.toldLevel] = value
  }

  get toldKinds(): number {
    return this.words[this.base + AT.toldKinds] as number
  }

  set toldKinds(value: number) {
    this.words[this.base + AT.toldKinds] = value
  }

  get techniques(): number {
    return this.words[this.base + AT.techniques] as number
  }

  set techniques(value: number) {
    this.words[this.base + AT.techniques] = value
  }

  raise(flag: number): void {
    const at = this.base + AT.flags
    this.words[at] = (this.words[at] as number) | flag
  }

  has(flag: number): boolean {
    return ((this.words[this.base + AT.flags] as number) & flag) !== 0
  }

  private timeAt(word: number): number {
    const at = this.base + word
    return (this.words[at] as number) * MINUTE_MS + (this.words[at + 1] as number)
  }

  private setTime(word: number, time: number): void {
    const minute = minuteOf(time)
    this.words[this.base + word] = minute
    this.words[this.base + word + 1] = Math.floor(time - minute * MINUTE_MS)
  }
}
