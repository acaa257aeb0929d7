/**
 * FirstContacts: what one message brought of sources' first contacts, for the stage that looks at many sources at once.
 *
 * Kept in columns and read through one flyweight: a flood of new sources has one with every packet.
 */
import type { Packet } from '@picket/schemas'
import { isIcmp } from '../picket/contact.ts'
import { techniqueOf } from '../technique.ts'
import { type Contact, newContact } from '../together/contact.ts'

const STRIDE = 12
const HOST = 4
const PROTO = 8
const PORT = 9
const TECHNIQUE = 10
const RANK = 11

export class FirstContacts {
  size = 0
  private words = new Int32Array(64 * STRIDE)
  private times = new Float64Array(64)

  add(packet: Packet, time: number, rank: number): void {
    if (this.size === this.times.length) this.grow()
    const { words } = this
    const at = this.size * STRIDE
    for (let i = 0; i < 4; i++) {
      words[at + i] = packet.src[i] as number
      words[at + HOST + i] = packet.dst[i] as number
    }
    words[at + PROTO] = packet.proto
    words[at + PORT] = isIcmp(packet.proto) ? packet.icmpType : packet.dpt
    words[at + TECHNIQUE] = techniqueOf(packet)
    words[at + RANK] = rank
    this.times[this.size++] = time
  }

  clear(): void {
    this.size = 0
  }

  /** In the order they came. The contact is overwritten with the next. */
  *[Symbol.iterator](): IterableIterator<Contact> {
    const contact = newContact()
    for (let i = 0; i < this.size; i++) yield this.read(i, contact)
  }

  read(index: number, into: Contact): Contact {
    const { words } = this
    const at = index * STRIDE
    for (let i = 0; i < 4; i++) {
      into.source[i] = words[at + i] as number
      into.host[i] = words[at + HOST + i] as number
    }
    into.time = this.times[index] as number
    into.proto = words[at + PROTO] as number
    into.port = words[at + PORT] as number
    into.technique = words[at + TECHNIQUE] as number
    into.rank = words[at + RANK] as number
    return into
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2)
    words.set(this.words)
    this.words = words
    const times = new Float64Array(this.times.length * 2)
    times.set(this.times)
    this.times = times
  }
}
