/**
 * Contact writer: first contacts of one input message, as the messages of picket.contacts that they become.
 *
 * A contact goes to the partition of its host and to that of its port. Each message carries the offset of its one input
 * message, by which the next stage knows one that comes again.
 */
import { AddressTable, type ContactBatch, type ContactRecord, MESSAGES } from '@picket/schemas/messages'
import { type Contact, TARGETS } from '../detect/together/contact.ts'
import { targetPartition } from '../detect/together/target.ts'
import type { Onward } from './stage.ts'

export class ContactWriter {
  readonly #upstream: number
  readonly #partitions: number
  readonly #open: readonly OpenMessage[]

  /** The seed keeps strangers from choosing addresses that collide; no message depends on it. */
  constructor(upstream: number, partitions: number, seed: number) {
    this.#upstream = upstream
    this.#partitions = partitions
    this.#open = Array.from({ length: partitions }, () => new OpenMessage(seed))
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
    const taken: Onward[] = []
    for (const [partition, message] of this.#open.entries()) {
      if (!message.isEmpty) taken.push(this.#onward(partition, offset, watermark, message.take()))
    }
    return taken
  }

  /** Empty ones, which only say how far we are. */
  watermarks(watermark: number): Onward[] {
    return Array.from({ length: this.#partitions }, (_, partition) => {
      return this.#onward(partition, -1, watermark, NOTHING)
    })
  }

  #onward(
    partition: number,
    offset: number,
    watermark: number,
    content: Pick<ContactBatch, 'addresses' | 'contacts'>,
  ): Onward {
    const head = { upstream: this.#upstream, offset, watermark: Math.floor(watermark) }
    return { partition, key: null, value: MESSAGES.contactBatch.encode({ ...head, ...content }) }
  }

  #message(partition: number): OpenMessage {
    return this.#open[partition] as OpenMessage
  }
}

const NOTHING = { addresses: new Uint8Array(0), contacts: [] }

/** Emptied and used again for the next input message. */
class OpenMessage {
  #contacts: ContactRecord[] = []
  readonly #addresses: AddressTable

  constructor(seed: number) {
    this.#addresses = new AddressTable(seed)
  }

  get isEmpty(): boolean {
    return this.#contacts.length === 0
  }

  add(contact: Contact, targets: number): void {
    this.#contacts.push({
      time: Math.floor(contact.time),
      source: this.#addresses.indexOf(contact.source),
      host: this.#addresses.indexOf(contact.host),
      proto: contact.proto,
      port: contact.port,
      technique: contact.technique,
      rank: contact.rank,
      targets,
    })
  }

  take(): Pick<ContactBatch, 'addresses' | 'contacts'> {
    const contacts = this.#contacts
    this.#contacts = []
    return { addresses: this.#addresses.take(), contacts }
  }
}
