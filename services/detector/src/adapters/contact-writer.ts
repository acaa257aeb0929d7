/**
 * Contact writer: first contacts of one input message, as the messages of picket.contacts that they become.
 *
 * A contact goes to the partition of its host and to that of its port. Each message carries the offset of its one input
 * message, by which the next stage knows one that comes again.
 */
import type { Address } from '@picket/schemas'
import { type ContactRecord, MESSAGES } from '@picket/schemas/messages'
import { type Contact, TARGETS } from '../detect/together/contact.ts'
import { targetPartition } from '../detect/together/target.ts'
import type { Onward } from './stage.ts'

const ADDRESS_BYTES = 16

export class ContactWriter {
  readonly #upstream: number
  readonly #partitions: number
  readonly #open: Map<number, OpenMessage> = new Map()

  constructor(upstream: number, partitions: number) {
    this.#upstream = upstream
    this.#partitions = partitions
  }

  add(contact: Contact): void {
    const { host, proto, port } = contact
    const ofHost = targetPartition({ type: 'host', host }, this.#partitions)
    const ofPort = targetPartition({ type: 'port', proto, port }, this.#partitions)
    if (ofHost === ofPort) {
      this.#message(ofHost).add(contact, TARGETS.host | TARGETS.port)
      return
    }
    this.#message(ofHost).add(contact, TARGETS.host)
    this.#message(ofPort).add(contact, TARGETS.port)
  }

  /** Ends the input message. */
  take(offset: number, watermark: number): Onward[] {
    const taken = Array.from(this.#open, ([partition, message]) => {
      return this.#onward(partition, offset, watermark, message)
    })
    this.#open.clear()
    return taken
  }

  /** Empty ones, which only say how far we are. */
  watermarks(watermark: number): Onward[] {
    const nothing = new OpenMessage()
    return Array.from({ length: this.#partitions }, (_, partition) => {
      return this.#onward(partition, -1, watermark, nothing)
    })
  }

  #onward(partition: number, offset: number, watermark: number, message: OpenMessage): Onward {
    const value = MESSAGES.contactBatch.encode({
      upstream: this.#upstream,
      offset,
      watermark: Math.floor(watermark),
      addresses: message.addresses,
      contacts: message.contacts,
    })
    return { partition, key: null, value }
  }

  #message(partition: number): OpenMessage {
    const known = this.#open.get(partition)
    if (known !== undefined) return known
    const message = new OpenMessage()
    this.#open.set(partition, message)
    return message
  }
}

class OpenMessage {
  readonly contacts: ContactRecord[] = []
  #view = new DataView(new ArrayBuffer(ADDRESS_BYTES * 8))
  #count = 0
  readonly #known: Map<string, number> = new Map()

  get addresses(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#count * ADDRESS_BYTES)
  }

  add(contact: Contact, targets: number): void {
    this.contacts.push({
      time: Math.floor(contact.time),
      source: this.#index(contact.source),
      host: this.#index(contact.host),
      proto: contact.proto,
      port: contact.port,
      technique: contact.technique,
      rank: contact.rank,
      targets,
    })
  }

  #index(address: Address): number {
    const key = `${address[0]},${address[1]},${address[2]},${address[3]}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const index = this.#count++
    if (this.#view.byteLength < this.#count * ADDRESS_BYTES) this.#grow()
    for (let word = 0; word < 4; word++) {
      this.#view.setInt32(index * ADDRESS_BYTES + word * 4, address[word] as number)
    }
    this.#known.set(key, index)
    return index
  }

  #grow(): void {
    const longer = new Uint8Array(this.#view.byteLength * 2)
    longer.set(new Uint8Array(this.#view.buffer))
    this.#view = new DataView(longer.buffer)
  }
}
